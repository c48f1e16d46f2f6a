import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { isMissing } from '../../platform/system-error.ts';
import { UpdateError } from './update.errors.ts';

const MAX_SETTINGS_BYTES = 65_536;
const MAX_COMPONENTS = 256;
const MAX_PATH_CHARACTERS = 1_024;
const MAX_ARGUMENTS = 16;
const MAX_ARGUMENT_CHARACTERS = 1_024;
const COMPONENT_ID = /^[a-z0-9][a-z0-9-]{0,63}$/u;

/** What this computer says of one component. Nothing of it ever comes over the network. */
export interface LocalComponentSettings {
  /** Absolute path: of the file or folder as which it is found, or of the folder in which it is put. Absent: below the state folder. */
  readonly place?: string;
  /** Program, by its absolute path, and its arguments: run without a shell after each switch. Absent: nothing is run. */
  readonly reload?: readonly [program: string, ...args: string[]];
  /** False: the component is left out. */
  readonly isWanted?: boolean;
}

/** Where components lie on this computer. */
export interface ComponentPlaces {
  /** Read anew each time, so that nothing has to be restarted. @throws UpdateError COMPONENT_SETTINGS_INVALID */
  find(component: string): LocalComponentSettings;
  /** Where a component is put that has no place of its own. */
  readonly usualFolder: string;
}

/**
 * Reads what `components.json` in the state folder says of them. The folder is its owner's alone, and so is what stands in the file: the
 * network can neither choose a path nor a program.
 */
export function createComponentPlaces(home: string): ComponentPlaces {
  const path = join(home, 'components.json');
  const usualFolder = join(home, 'placed');
  return {
    usualFolder,
    find: (component) => readSettings(path, home, usualFolder).get(component) ?? {},
  };
}

function readSettings(
  path: string,
  home: string,
  usualFolder: string,
): ReadonlyMap<string, LocalComponentSettings> {
  let text: string;
  try {
    if (statSync(path).size > MAX_SETTINGS_BYTES) throw invalid(path, ['It is too large.']);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return new Map();
    throw error;
  }
  const faults: string[] = [];
  const settings = new Map<string, LocalComponentSettings>();
  const entries = Object.entries(parseObject(text) ?? { '': undefined });
  if (entries.length > MAX_COMPONENTS) faults.push(`It names more than ${MAX_COMPONENTS} components.`);
  else
    for (const [component, value] of entries) {
      const read = readOne(component, value, { home, usualFolder });
      if (typeof read === 'string') faults.push(read);
      else settings.set(component, read);
    }
  if (faults.length > 0) throw invalid(path, faults);
  return settings;
}

function readOne(
  component: string,
  value: unknown,
  { home, usualFolder }: { readonly home: string; readonly usualFolder: string },
): LocalComponentSettings | string {
  if (!COMPONENT_ID.test(component)) return 'It is to be an object whose members are ids of components.';
  if (!isObject(value)) return `${component} is to be an object.`;
  const { place, reload, isWanted, ...more } = value;
  const [unknown] = Object.keys(more);
  if (unknown !== undefined) return `${component} has a member that is not known.`;
  if (place !== undefined) {
    if (!isPlainAbsolute(place)) return `${component}.place is to be an absolute path.`;
    // The rest of the state folder is the agent's own: key, state, programs.
    if (isWithin(place, home) && !isWithin(place, usualFolder))
      return `${component}.place is within the state folder; only ${usualFolder} is for components.`;
  }
  if (reload !== undefined && !isCommand(reload))
    return `${component}.reload is to be a list: the absolute path of a program, and its arguments.`;
  if (isWanted !== undefined && typeof isWanted !== 'boolean')
    return `${component}.isWanted is to be true or false.`;
  return {
    ...(place === undefined ? {} : { place }),
    ...(reload === undefined ? {} : { reload }),
    ...(isWanted === undefined ? {} : { isWanted }),
  };
}

function isPlainAbsolute(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= MAX_PATH_CHARACTERS &&
    isAbsolute(value) &&
    resolve(value) === value &&
    value !== resolve(sep) &&
    !value.includes('\0')
  );
}

function isCommand(value: unknown): value is readonly [string, ...string[]] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_ARGUMENTS) return false;
  const words: readonly unknown[] = value;
  const areTexts = words.every(
    (word) => typeof word === 'string' && word.length <= MAX_ARGUMENT_CHARACTERS && !word.includes('\0'),
  );
  return areTexts && isPlainAbsolute(words[0]);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}${sep}`);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Whoever wrote it is told the same as of any other fault.
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(path: string, faults: readonly string[]): UpdateError {
  return new UpdateError('COMPONENT_SETTINGS_INVALID', `${path} cannot be used: ${faults.join(' ')}`, {
    remedy: 'Mend the file. Until then no component is switched.',
    facts: { file: path },
  });
}
