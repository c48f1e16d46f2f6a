import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CODE = /\.(ts|tsx|mts|mjs|js)$/;

/** The text with the fault in it, or why there is none. @returns `{ text }` or `{ state: 'does-not-apply', message }` */
export function plant(text, { find, replace }) {
  const count = text.split(find).length - 1;
  if (count === 1) return { text: text.replace(find, () => replace) };
  const message =
    count === 0
      ? 'Its text is not in the file any more: look where it went, and write the fault anew.'
      : `Its text stands in the file ${count} times: add so much that it stands there once.`;
  return { state: 'does-not-apply', message };
}

/** What the parser says of a text that is no program; undefined for one that is, and for what is no code. */
export async function findSyntaxError(file, text) {
  if (!CODE.test(file)) return undefined;
  // Of the packages that set-up installs.
  const { parseSync } = await import('rolldown/utils');
  try {
    const [first] = parseSync(file, text).errors;
    return first?.message;
  } catch (error) {
    return error.message;
  }
}

/** Reads the file and plants the fault in its text. @returns `{ original, text }`, or `{ state, message }` for one that cannot be planted */
export async function prepareFault(root, fault) {
  const path = join(root, fault.file);
  if (!existsSync(path)) return { state: 'does-not-apply', message: 'There is no such file any more.' };
  const original = readFileSync(path, 'utf8');
  const planted = plant(original, fault);
  if (planted.text === undefined) return planted;
  const message = await findSyntaxError(fault.file, planted.text);
  return message === undefined ? { original, text: planted.text } : { state: 'does-not-compile', message };
}

/** Why a fault cannot be planted: `{ state, message }`, both undefined when it can. */
export async function findObstacle(root, fault) {
  const { state, message } = await prepareFault(root, fault);
  return { state, message };
}
