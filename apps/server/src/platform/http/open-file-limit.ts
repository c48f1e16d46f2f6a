import { readFile } from 'node:fs/promises';

/** What most systems allow where nobody raised it. */
const COMMON_LIMIT = 1_024;
const LINE = /^Max open files\s+(\d+|unlimited)\s/m;

/** How many files and connections this process may have open. Where the system does not tell, the usual small number. */
export async function readOpenFileLimit(path = '/proc/self/limits'): Promise<number> {
  try {
    return parseOpenFileLimit(await readFile(path, 'utf8'));
  } catch {
    return COMMON_LIMIT;
  }
}

/** The soft limit in the text of `/proc/self/limits`. */
export function parseOpenFileLimit(limits: string): number {
  const value = LINE.exec(limits)?.[1];
  if (value === undefined) return COMMON_LIMIT;
  return value === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(value);
}
