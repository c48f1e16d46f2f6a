import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { type BenchOptions, type ComponentBench, openBench } from './testing/component-bench.ts';
import { describeComponent, noSignal } from '../../testing/test-component.ts';
import { makeTar } from '../../platform/test-tar.ts';

const thing = describeComponent('thing', 'plain-file');
const rules = describeComponent('rules', 'rule-files');
const rulesOf = (text: string): Buffer => makeTar([{ name: 'a.rules', content: text }]);

function setUp(t: TestContext, options: Partial<BenchOptions> = {}): ComponentBench {
  const bench = openBench({ home: createTemporaryFolder(t), ...options });
  t.after(() => bench.close());
  return bench;
}

async function switchTo(
  bench: ComponentBench,
  component = thing,
  release = 1,
  content: string | Buffer = 'one',
) {
  bench.stage(component, release, content);
  return await bench.components.switchStaged(component.id, noSignal);
}

function configure({ home }: ComponentBench, settings: object): void {
  writeFileSync(join(home, 'components.json'), JSON.stringify(settings));
}

test('a file is put where this computer wants it, in place of what lay there, which comes back when the release is gone back from', async (t) => {
  let status = 0;
  const bench = setUp(t, { runToEnd: async () => ({ status, output: 'no such process' }) });
  const folder = createTemporaryFolder(t);
  const place = join(folder, 'list.txt');
  writeFileSync(place, 'of the distribution');
  configure(bench, { thing: { place, reload: ['/bin/reload'] } });
  status = 1;
  const refused = await switchTo(bench);
  assert.equal(refused.state === 'failed' && refused.failure.code, 'COMPONENT_RELOAD_FAILED');
  assert.match(
    refused.state === 'failed' ? refused.failure.text : '',
    /\/bin\/reload, ended with status 1: no such process/u,
  );
  assert.equal(readFileSync(place, 'utf8'), 'of the distribution');
  assert.equal(bench.components.store.find('thing')?.current, undefined);
  status = 0;
  assert.deepEqual(await switchTo(bench), { state: 'switched' });
  assert.equal(readFileSync(place, 'utf8'), 'one');
  assert.equal(statSync(place).mode & 0o777, 0o644, 'whoever uses it may read it');
  status = 1;
  await switchTo(bench, thing, 2, 'two');
  assert.equal(readFileSync(place, 'utf8'), 'one');
  assert.deepEqual(readdirSync(folder), ['list.txt']);
  const record = bench.components.store.find('thing');
  assert.deepEqual([record?.current?.release, record?.failure?.release, record?.step], [1, 2, 'rest']);
});

test('the first release that is gone back from leaves nothing where nothing was', async (t) => {
  const bench = setUp(t, { runToEnd: async () => ({ status: 1, output: '' }) });
  configure(bench, { thing: { reload: ['/bin/reload'] }, rules: { reload: ['/bin/reload'] } });
  await switchTo(bench);
  await switchTo(bench, rules, 1, rulesOf('one'));
  assert.deepEqual(readdirSync(join(bench.home, 'placed')), []);
});

test('a way back that was begun before anything was put in place leaves what lies there', async (t) => {
  const bench = setUp(t);
  const place = join(createTemporaryFolder(t), 'list.txt');
  writeFileSync(place, 'of the distribution');
  configure(bench, { thing: { place } });
  bench.stage(thing, 1, 'one');
  const record = bench.components.store.find('thing');
  assert.ok(record !== undefined);
  bench.database.transaction(() => bench.components.store.save({ ...record, step: 'going-back' }));
  await bench.components.recover();
  assert.equal(readFileSync(place, 'utf8'), 'of the distribution');
  assert.equal(bench.components.store.find('thing')?.step, 'rest');
});

test('two releases are kept, and no file of an older one or of a download that was given up', async (t) => {
  const bench = setUp(t);
  for (const release of [1, 2, 3]) {
    await switchTo(bench, thing, release, `release ${release}`);
    writeFileSync(bench.files.unverifiedPath('thing', release), 'half');
  }
  await switchTo(bench, thing, 4, 'release 4');
  assert.deepEqual(readdirSync(join(bench.home, 'components/thing')).sort(), ['3', '4']);
  const { current, previous } = bench.components.store.find('thing') ?? {};
  assert.deepEqual([current?.release, previous?.release], [4, 3]);
});

test('what lies in the place of a component and is not of it is left alone', async (t) => {
  const bench = setUp(t);
  const placed = join(bench.home, 'placed');
  mkdirSync(join(placed, 'thing'), { recursive: true });
  mkdirSync(join(placed, 'rules'));
  for (const [component, content] of [
    [thing, 'one'],
    [rules, rulesOf('one')],
  ] as const) {
    const end = await switchTo(bench, component, 1, content);
    assert.equal(end.state === 'failed' && end.failure.code, 'COMPONENT_PLACE_TAKEN');
  }
  const elsewhere = createTemporaryFolder(t);
  symlinkSync(elsewhere, join(placed, 'other'));
  const end = await switchTo(bench, describeComponent('other', 'rule-files'), 1, rulesOf('one'));
  assert.equal(end.state === 'failed' && end.failure.code, 'COMPONENT_PLACE_TAKEN');
  assert.deepEqual(readdirSync(elsewhere), []);
});

test('a place in a folder that is not there is a mistake that is told', async (t) => {
  const bench = setUp(t);
  configure(bench, { thing: { place: '/nowhere/at/all/list' } });
  const end = await switchTo(bench);
  assert.equal(end.state === 'failed' && end.failure.code, 'COMPONENT_PLACE_UNUSABLE');
});

test('rule files are switched as one folder, and no reader sees half of them', async (t) => {
  const runs: string[] = [];
  const bench = setUp(t, {
    runToEnd: async (file, args) => {
      runs.push([file, ...args].join(' '));
      return { status: 0, output: '' };
    },
  });
  configure(bench, { rules: { reload: ['/bin/kill', '-USR2', '$PID; rm -rf /'] } });
  await switchTo(bench, rules, 1, rulesOf('one'));
  const place = join(bench.home, 'placed/rules');
  assert.equal(readlinkSync(place), '.rules.1');
  await switchTo(bench, rules, 2, rulesOf('two'));
  assert.equal(readFileSync(join(place, 'a.rules'), 'utf8'), 'two');
  assert.deepEqual(readdirSync(join(bench.home, 'placed')), ['.rules.2', 'rules']);
  assert.deepEqual(
    runs,
    Array.from({ length: 2 }, () => '/bin/kill -USR2 $PID; rm -rf /'),
    'as it stands, without a shell',
  );
});

test('an archive that is none, and one without a file, change nothing', async (t) => {
  const bench = setUp(t);
  await switchTo(bench, rules, 1, rulesOf('one'));
  for (const [release, content, code] of [
    [2, 'no archive', 'ARCHIVE_INVALID'],
    [3, makeTar([{ name: 'empty', type: '5' }]), 'COMPONENT_FILE_WRONG'],
  ] as const) {
    const end = await switchTo(bench, rules, release, content as Buffer);
    assert.equal(end.state === 'failed' && end.failure.code, code);
    assert.equal(readFileSync(join(bench.home, 'placed/rules/a.rules'), 'utf8'), 'one');
  }
});

test('one that cannot be brought to an end does not keep the others from it', async (t) => {
  const stuck = describeComponent('a-stuck', 'stuck');
  let isBroken = true;
  const bench = setUp(t, {
    moreHandlers: [
      {
        name: 'stuck',
        try: async () => undefined,
        switch: async () => {
          throw new Error('no switch');
        },
        rollBack: async () => {
          if (isBroken) throw new Error('no way back');
        },
      },
    ],
  });
  const end = await switchTo(bench, stuck, 1, 'x');
  assert.equal(end.state === 'failed' && end.failure.code, 'COMPONENT_ROLL_BACK_FAILED');
  bench.stage(thing, 1, 'one');
  const store = bench.components.store;
  const record = store.find('thing');
  assert.ok(record !== undefined);
  bench.database.transaction(() => store.save({ ...record, step: 'switching' }));
  await bench.components.recover();
  assert.equal(store.find('thing')?.current?.release, 1);
  assert.equal(store.find('a-stuck')?.step, 'going-back');
  isBroken = false;
  await bench.components.recover();
  assert.equal(store.find('a-stuck')?.step, 'rest');
});

test('a component of a handler that this agent lacks is refused', async (t) => {
  const bench = setUp(t);
  const end = await switchTo(bench, describeComponent('later', 'of-tomorrow'), 1, 'x');
  assert.equal(end.state === 'failed' && end.failure.code, 'COMPONENT_HANDLER_UNKNOWN');
});
