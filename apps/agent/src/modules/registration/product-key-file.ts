import { readFileSync, rmSync } from 'node:fs';
import {
  createProductKey,
  exportProductKey,
  importProductKey,
  type ProductKey,
  TrustError,
} from '@holdfast/trust';
import { createPrivateFile, writePrivateFile } from '../../platform/private-file.ts';
import { AgentStateError, keepIfThereIsRoom } from '../../platform/state.errors.ts';
import { isMissing } from '../../platform/system-error.ts';
import { RegistrationError } from './registration.errors.ts';
import type { Registration } from './registration.store.ts';

/**
 * The product's key pair, or `undefined` when there is none yet.
 *
 * @throws AgentStateError KEY_DAMAGED
 */
function findProductKey(path: string): ProductKey | undefined {
  try {
    return importProductKey(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    const isContent = error instanceof TrustError;
    throw new AgentStateError(
      'KEY_DAMAGED',
      `The agent's key ${path} ${isContent ? 'is damaged' : 'cannot be read'}.`,
      {
        cause: error,
        remedy: isContent
          ? 'Restore the file from a backup. Without one, move it away and enrol again as a new product.'
          : 'Run the agent as the user that owns the file.',
        facts: { file: path },
      },
    );
  }
}

/**
 * The key pair under which this registration was made. Makes none: a new key is another product.
 *
 * @throws AgentStateError KEY_DAMAGED
 * @throws RegistrationError KEY_MISSING
 */
export function getRegisteredKey(
  path: string,
  registration: Pick<Registration, 'keyThumbprint'>,
): ProductKey {
  const key = findProductKey(path);
  if (key?.thumbprint === registration.keyThumbprint) return key;
  const next = findProductKey(nextKeyPathOf(path));
  if (next?.thumbprint === registration.keyThumbprint) {
    // The registration under the new key was saved, and the process ended before the key took its place.
    keepIfThereIsRoom(() => adoptNextKey(path));
    return next;
  }
  const message =
    key === undefined
      ? `The key ${path} of this registration is missing.`
      : `The key ${path} belongs to another registration than the one in this folder.`;
  const restore =
    key === undefined
      ? 'Restore the file from a backup'
      : 'Put the file of this registration back, for example from a backup';
  throw new RegistrationError('KEY_MISSING', message, {
    remedy: `${restore}, or enrol as a new product with --force and a new token.`,
    facts: { file: path },
  });
}

/** The product's key pair; made and written, durably and never over another one, when there is none. */
export function getOrCreateProductKey(path: string): ProductKey {
  const known = findProductKey(path);
  if (known !== undefined) return known;
  const key = createProductKey();
  createPrivateFile(path, exportProductKey(key));
  return key;
}

/** Where a key lies that takes the place of the old one when the server has registered it. */
export function nextKeyPathOf(path: string): string {
  return `${path}.next`;
}

/** The next key takes the place of the old one. Repeating it, as after a crash, changes nothing. */
export function adoptNextKey(path: string): void {
  const next = findProductKey(nextKeyPathOf(path));
  if (next === undefined) return;
  writePrivateFile(path, exportProductKey(next));
  rmSync(nextKeyPathOf(path), { force: true });
}
