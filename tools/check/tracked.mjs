import { readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { runCommand } from '../setup/command.mjs';
import { listFiles } from '../setup/stamp.mjs';

function isIgnored(name) {
  return (
    name === 'node_modules' || name === 'dist' || name === '.git' || name === '.runtime' || name === '.cache'
  );
}

/**
 * The files of this clone that Git tracks, relative. Without Git (an unpacked archive), every file that is not
 * made by set-up.
 */
export async function listTrackedFiles(root) {
  // The clone may belong to another user than the one who checks it; we only read names.
  const args = ['-c', 'safe.directory=*', '-C', root, 'ls-files', '-z'];
  const listed = await runCommand('git', args).catch(() => ({ code: 1 }));
  const names =
    listed.code === 0
      ? listed.standardOutput.split('\0').filter((name) => name !== '')
      : listFiles(root, isIgnored).map((path) => relative(root, path).split(sep).join('/'));
  return names.filter((name) => statSync(join(root, name), { throwIfNoEntry: false })?.isFile() === true);
}

const TEXT =
  /\.(ts|tsx|mts|js|mjs|cjs|json|jsonl|md|html|css|sql|sh|yml|yaml|toml|txt|svg|service)$|(^|\/)[^./]+$|(^|\/)\.[^/]+$/;

/** The tracked files that hold text, with their content. */
export async function readTrackedTexts(root) {
  const names = await listTrackedFiles(root);
  return names
    .filter((path) => TEXT.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'));
}
