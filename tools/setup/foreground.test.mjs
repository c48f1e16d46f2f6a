import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const FOREGROUND = new URL('foreground.mjs', import.meta.url).href;

/** Says which signals it gets; ends after the first SIGTERM, or when it is told to. */
const PROGRAM = `
process.on('SIGINT', () => process.stdout.write('got SIGINT\\n'));
process.on('SIGTERM', () => { process.stdout.write('got SIGTERM\\n'); process.exit(Number(process.argv[2])); });
process.stdout.write('ready\\n');
setInterval(() => {}, 1000);
`;

const PARENT = `
import { runInForeground } from ${JSON.stringify(FOREGROUND)};
const { code, wasAsked } = await runInForeground(process.execPath, process.argv.slice(2));
process.stdout.write(\`ended \${code} \${wasAsked}\\n\`);
process.exitCode = code;
`;

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-foreground-'));
  writeFileSync(join(folder, 'program.mjs'), PROGRAM);
  writeFileSync(join(folder, 'parent.mjs'), PARENT);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function start(args) {
  const child = spawn(process.execPath, [join(folder, 'parent.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  const until = async (wanted) => {
    while (!text.includes(wanted)) await once(child.stdout, 'data');
  };
  return { child, until, exited: once(child, 'exit'), said: () => text };
}

test('the exit code of the program becomes ours', async () => {
  const { exited, said } = start(['--eval', 'process.exitCode = 7']);
  assert.deepEqual(await exited, [7, null]);
  assert.match(said(), /ended 7 false/);
});

test('a signal to us alone reaches the program once, also when it is sent twice within a moment', async () => {
  const { child, until, exited, said } = start([join(folder, 'program.mjs'), '0']);
  await until('ready');
  child.kill('SIGINT');
  await until('got SIGINT');
  child.kill('SIGINT');
  child.kill('SIGTERM');
  assert.deepEqual(await exited, [0, null]);
  assert.equal(said().match(/got SIGINT/g).length, 1);
  assert.match(said(), /got SIGTERM\n.*ended 0 true/s);
});

test('a program that a signal ended has the exit code that shells give', async () => {
  const { exited } = start(['--eval', "process.kill(process.pid, 'SIGKILL')"]);
  assert.deepEqual(await exited, [137, null]);
});
