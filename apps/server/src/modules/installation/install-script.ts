import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Archive } from './archive-shelf.ts';

const template = readFileSync(new URL('install.sh', import.meta.url), 'utf8');
const ARCHIVES = "ARCHIVES=''";
const VERSION = "VERSION=''";

export interface InstallScript {
  readonly text: string;
  readonly sha256: string;
}

/** The script with the archives that it may install. The same archives give the same bytes, so that a line stays good. */
export function formatInstallScript(version: string, archives: readonly Archive[]): InstallScript {
  const lines = archives.map(({ platform, fileName, sha256, sizeBytes }) =>
    [platform, fileName, sha256, sizeBytes].map(plain).join(' '),
  );
  const text = template
    .replace(VERSION, `VERSION='${plain(version)}'`)
    .replace(ARCHIVES, `ARCHIVES='${lines.join('\n')}'`);
  return { text, sha256: createHash('sha256').update(text).digest('hex') };
}

function plain(value: string | number): string {
  const text = String(value);
  if (!/^[A-Za-z0-9._+-]+$/u.test(text)) throw new RangeError(`"${text}" cannot stand in the install script`);
  return text;
}
