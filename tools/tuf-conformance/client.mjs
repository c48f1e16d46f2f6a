#!/usr/bin/env node
// The client that the public conformance suite of TUF (https://github.com/theupdateframework/tuf-conformance,
// CLIENT-CLI.md) drives: its commands come after their options, and it knows the exit statuses 0 and 1 only.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/holdfast.mjs', import.meta.url));
const commands = ['init', 'refresh', 'download'];
const given = process.argv.slice(2);
const place = given.findIndex(
  (word, index) => commands.includes(word) && !given[index - 1]?.startsWith('--'),
);
const words = [given[place] ?? 'help', ...given.slice(0, Math.max(0, place)), ...given.slice(place + 1)];
const { status } = spawnSync(process.execPath, [program, 'components', 'client', ...words], {
  stdio: 'inherit',
});
process.exitCode = status === 0 ? 0 : 1;
