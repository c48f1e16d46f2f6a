/** A switch that ends at any of its steps: the component is the old or the new one, and after the next start the record says which. */
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { quickStart } from '@holdfast/testkit';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { formatStartProgram } from '../service/index.ts';
import { openBench } from './testing/component-bench.ts';
import { describeComponent, noSignal } from '../../testing/test-component.ts';
import type { DiskStep } from './testing/kill-at-step.ts';
import { makeTar } from '../../platform/test-tar.ts';

const PROCESS = fileURLToPath(new URL('./testing/switch.test-process.ts', import.meta.url));
const run = promisify(execFile);

interface Kind {
  readonly handler: string;
  readonly content: (release: number) => Buffer;
  /** What whoever uses the component finds in its place: the number of a release, as text. */
  readonly find: (home: string) => string;
  readonly reload?: readonly string[];
  /** Files in the place and beside it, when all is over. */
  readonly leaves: readonly string[];
}

const plainFile: Kind = {
  handler: 'plain-file',
  content: (release) => Buffer.from(String(release).repeat(2_000)),
  find: (home) => {
    const text = readFileSync(join(home, 'placed/thing'), 'utf8');
    assert.match(text, /^(?:1{2000}|2{2000})$/u);
    return text.slice(0, 1);
  },
  leaves: ['thing'],
};

const ruleFiles: Kind = {
  handler: 'rule-files',
  content: (release) => makeTar([{ name: 'a.rules', content: String(release) }]),
  find: (home) => {
    const place = join(home, 'placed/thing');
    assert.deepEqual(readdirSync(place), ['a.rules']);
    return readFileSync(join(place, 'a.rules'), 'utf8');
  },
  leaves: ['.thing.N', 'thing'],
};

/** A folder of a computer on which release 1 is in use. */
async function prepare(t: TestContext, kind: Kind): Promise<string> {
  const home = createTemporaryFolder(t);
  if (kind.reload !== undefined)
    writeFileSync(join(home, 'components.json'), JSON.stringify({ thing: { reload: kind.reload } }));
  const bench = openBench({ home });
  bench.stage(describeComponent('thing', kind.handler), 1, kind.content(1));
  assert.deepEqual(await bench.components.switchStaged('thing', noSignal), { state: 'switched' });
  bench.close();
  return home;
}

interface ChildEnd {
  readonly isKilled: boolean;
  readonly steps: readonly DiskStep[];
}

async function switchInChild(home: string, kind: Kind, killAt: number, fault = ''): Promise<ChildEnd> {
  const archive = join(dirname(home), `${basename(home)}.next`);
  writeFileSync(archive, kind.content(2));
  try {
    const words = [PROCESS, home, kind.handler, archive, String(killAt), fault];
    const { stdout } = await run(process.execPath, words, { env: { ...process.env, ...quickStart() } });
    return { isKilled: false, steps: (JSON.parse(stdout) as ChildEnd).steps };
  } catch (error) {
    assert.ok(error instanceof Error && 'signal' in error && error.signal === 'SIGKILL', String(error));
    return { isKilled: true, steps: [] };
  } finally {
    execFileSync('rm', ['-f', archive]);
  }
}

/** Links between files stay links. */
function copyHome(t: TestContext, home: string): string {
  const copy = join(createTemporaryFolder(t), 'home');
  execFileSync('cp', ['-a', home, copy]);
  return copy;
}

async function killAtEachStep(t: TestContext, kind: Kind, fault = ''): Promise<Set<string>> {
  const before = await prepare(t, kind);
  const { steps } = await switchInChild(copyHome(t, before), kind, 0, fault);
  assert.ok(steps.length > 5, 'the steps of a switch are counted');
  const results = new Set<string>();
  // Until the program refuses to take it up it is a switch as any other.
  const first = fault === '' ? 1 : steps.map(({ what }) => what).lastIndexOf('symlinkSync') - 1;
  for (let killAt = first; killAt <= steps.length; killAt++) {
    const home = copyHome(t, before);
    const what = `${killAt}: ${steps[killAt - 1]?.what} ${steps[killAt - 1]?.paths.join(' ')}`;
    assert.ok((await switchInChild(home, kind, killAt, fault)).isKilled, what);
    assert.match(kind.find(home), /^[12]$/u, what);
    const bench = openBench({ home });
    await bench.components.recover();
    const record = bench.components.store.find('thing');
    assert.ok(record?.step === 'rest' || record?.step === 'staged', `${what}: ${record?.step}`);
    assert.equal(kind.find(home), String(record.current?.release), what);
    results.add(kind.find(home));
    // And it goes on from there.
    if (record.step === 'staged') await bench.components.switchStaged('thing', noSignal);
    else bench.stage(describeComponent('thing', kind.handler), 2, kind.content(2));
    if (bench.components.store.find('thing')?.step === 'staged')
      await bench.components.switchStaged('thing', noSignal);
    assert.equal(kind.find(home), '2', what);
    const left = readdirSync(join(home, 'placed')).sort();
    assert.deepEqual(left, kind.leaves.map((name) => name.replace('N', '2')).sort(), what);
    bench.close();
  }
  return results;
}

for (const kind of [plainFile, ruleFiles]) {
  test(`a power cut at every step of a switch by ${kind.handler}`, async (t) => {
    assert.deepEqual([...(await killAtEachStep(t, kind))].sort(), ['1', '2']);
  });
}

test('a power cut at every step of a switch that is gone back from', async (t) => {
  const kind = { ...ruleFiles, reload: ['/bin/reload'] };
  assert.deepEqual([...(await killAtEachStep(t, kind, 'reload-fails'))].sort(), ['1', '2']);
});

test('what is renamed into place is on the disk before, and the rename before anybody says that it is there', async (t) => {
  for (const kind of [plainFile, ruleFiles]) {
    const { steps } = await switchInChild(await prepare(t, kind), kind, 0);
    const renames = steps.flatMap(({ what, paths: [from = '', to = ''] }, at) =>
      what === 'renameSync' ? [{ at, from, to }] : [],
    );
    assert.ok(renames.length > 0);
    for (const { at, from, to } of renames) {
      const later = steps.slice(at + 1);
      const commit = later.findIndex(({ what }) => what === 'COMMIT');
      const synced = later.findIndex(({ what, paths }) => what === 'fsyncSync' && paths[0] === dirname(to));
      assert.ok(
        synced !== -1 && synced < commit,
        `${to} is flushed with its folder before the record says so`,
      );
      const written = steps
        .slice(0, at)
        .filter(({ what, paths: [path = ''] }) => what === 'openSync' && `${path}/`.startsWith(`${from}/`));
      for (const { paths } of written) {
        const isFlushed = steps
          .slice(0, at)
          .some(({ what, paths: [path] }) => what === 'fsyncSync' && path === paths[0]);
        assert.ok(isFlushed, `${paths[0]} is flushed before it is renamed`);
      }
    }
  }
});

test('a power cut at every step of a switch of the agent: what starts it finds one program, and the record agrees', async (t) => {
  const before = createTemporaryFolder(t);
  openBench({ home: before }).close();
  const program: Kind = {
    ...plainFile,
    handler: 'agent-program',
    content: () => makeTar([{ name: 'agent.mjs', content: 'new' }]),
  };
  const { steps } = await switchInChild(copyHome(t, before), program, 0);
  const outcomes = new Set<string>();
  for (let killAt = 1; killAt <= steps.length; killAt++) {
    const home = copyHome(t, before);
    assert.ok((await switchInChild(home, program, killAt)).isKilled);
    const started = start(home);
    const what = `${killAt}: ${steps[killAt - 1]?.what}, then ${started}`;
    assert.match(started, /^(?:0 installed|2 updated)$/u, what);
    const bench = openBench({ home, runningRelease: Number(started.slice(0, 1)) });
    await bench.components.recover();
    const { step, next } = bench.components.store.find('thing') ?? {};
    assert.ok(step === 'staged' || step === 'on-trial', what);
    assert.equal(next?.release, 2, what);
    // The former program has begun it anew, and the new one is not gone back from before its time.
    if (step === 'on-trial') assert.equal(start(home), '2 updated', what);
    outcomes.add(`${started.slice(0, 1)} ${step}`);
    bench.close();
  }
  assert.deepEqual([...outcomes].sort(), ['0 on-trial', '0 staged', '2 on-trial']);
});

/** What the installed start program starts. */
function start(home: string): string {
  const folder = join(home, 'installed');
  mkdirSync(folder, { recursive: true });
  const startProgramPath = join(folder, 'holdfast-agent');
  const runtimePath = join(folder, 'node');
  const programPath = join(folder, 'agent.mjs');
  if (!existsSync(startProgramPath)) {
    writeFileSync(
      runtimePath,
      '#!/bin/sh\nwhile [ "${1#--}" != "$1" ]; do shift; done\ncase $1 in */programs/*) echo "$HOLDFAST_AGENT_RELEASE updated" ;; *) echo "$HOLDFAST_AGENT_RELEASE installed" ;; esac\n',
      { mode: 0o755 },
    );
    writeFileSync(programPath, '');
    const text = formatStartProgram({ runtimePath, programPath, startProgramPath, home, trialSeconds: 1 });
    writeFileSync(startProgramPath, text, { mode: 0o755 });
  }
  return spawnSync(startProgramPath, ['run'], { encoding: 'utf8' }).stdout.trim();
}
