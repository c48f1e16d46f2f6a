import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRunProgram } from './program-output.ts';

const isRoot = process.getuid?.() === 0;

test('a program in the name of somebody else has nothing of ours', {
  skip: !isRoot && 'needs root',
}, async () => {
  const run = createRunProgram();
  const nobody = { userId: 65_534, groupId: 65_534, environment: { PATH: '/usr/bin:/bin', ONLY: 'this' } };
  assert.equal((await run('id', ['-u'], nobody))?.trim(), '65534');
  assert.equal((await run('id', ['-G'], nobody))?.trim(), '65534', 'no group of root is left');
  assert.deepEqual((await run('env', [], nobody))?.trim().split('\n').toSorted(), [
    'ONLY=this',
    'PATH=/usr/bin:/bin',
  ]);
});

test('a program that is missing, fails, hangs or prints too much gives nothing', async () => {
  const run = createRunProgram({ timeoutMs: 200, maxBytes: 1_000, drainMs: 1_000 });
  assert.equal(await run('echo', ['a $(b)']), 'a $(b)\n');
  for (const [file, ...args] of [['no-such-program'], ['false'], ['sleep', '60'], ['seq', '100000']] as const)
    assert.equal(await run(file, args), undefined, file);
});

test('a pipe that somebody else holds open does not keep the answer back', { timeout: 20_000 }, async () => {
  const run = createRunProgram({ timeoutMs: 60_000, maxBytes: 1_000, drainMs: 50 });
  const printed = await run('sh', ['-c', 'sleep 60 & echo $!']);
  const holder = Number(printed?.trim());
  assert.ok(holder > 0, printed);
  assert.ok(process.kill(holder, 'SIGKILL'), 'it was still there');
});
