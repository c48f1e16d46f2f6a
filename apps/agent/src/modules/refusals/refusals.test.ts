import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { McpClientError, McpProblem } from '@holdfast/protocol';
import { createLog } from '../../platform/log.ts';
import { fillDisk } from '../../platform/test-full-disk.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import { createRefusalWatch, readRefusals } from './index.ts';
import { refusalsModule } from './refusals.module.ts';

const tooLarge = new McpProblem('The message is too long.\nAll is well.', {
  code: 'MESSAGE_TOO_LARGE',
  status: 413,
  remedy: 'Send less.',
});
const busy = () => new McpProblem('Later.', { code: 'SERVER_BUSY', status: 503, retry: 'safe' });

function createWatch(t: TestContext) {
  let nowMs = 1_000_000;
  const clock = { now: () => nowMs, monotonic: () => nowMs };
  const database = createTestDatabase(t);
  const lines: string[] = [];
  const events: string[] = [];
  const log = createLog({ clock, level: 'info', write: (line) => lines.push(line) });
  const create = () =>
    createRefusalWatch({
      database,
      clock,
      log,
      events: { record: (type, facts) => void events.push(`${type} ${String(facts?.['call'])}`) },
    });
  const watch = create();
  const fail = async (call: 'inventory' | 'logs' | 'heartbeat', error: Error): Promise<void> => {
    await assert.rejects(
      watch.watch(call, () => Promise.reject(error)),
      (thrown) => thrown === error,
    );
  };
  return { database, lines, events, watch, fail, create, wait: (ms: number) => (nowMs += ms) };
}

test('a refusal is said once, stands until the server takes the call again, and is there for others and the next process', async (t) => {
  const { database, lines, events, watch, fail, create, wait } = createWatch(t);
  await fail('inventory', tooLarge);
  wait(300_000);
  await fail('inventory', tooLarge);
  await fail('inventory', tooLarge);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /"code":"MESSAGE_TOO_LARGE"/u);
  const standing = [
    {
      call: 'inventory',
      code: 'MESSAGE_TOO_LARGE',
      text: 'The message is too long. All is well.',
      since: 1_000_000,
    },
  ];
  assert.deepEqual(watch.current.standing, standing);
  assert.deepEqual(readRefusals(database).standing, standing);
  assert.deepEqual(create().current.standing, standing);
  await watch.watch('logs', () => Promise.resolve(7));
  assert.deepEqual(watch.current.standing, standing, 'another call says nothing about this one');
  assert.equal(await watch.watch('inventory', () => Promise.resolve('taken')), 'taken');
  assert.deepEqual(watch.current.standing, []);
  assert.deepEqual(readRefusals(database).standing, []);
  assert.deepEqual(events, ['server-refuses inventory', 'server-takes-again inventory']);
  await watch.watch('inventory', () => Promise.resolve());
  assert.equal(lines.length, 2);
});

test('another reason is said too, and has lasted since the first', async (t) => {
  const { lines, watch, fail, wait } = createWatch(t);
  await fail('logs', tooLarge);
  wait(60_000);
  await fail('logs', new McpProblem('Full.', { code: 'LOG_JOURNALS_FULL', status: 409 }));
  assert.equal(lines.length, 2);
  assert.deepEqual(
    watch.current.standing.map(({ code, since }) => [code, since]),
    [['LOG_JOURNALS_FULL', 1_000_000]],
  );
});

test('"later" counts when it has lasted five minutes, and a lost connection never does', async (t) => {
  const { watch, fail, wait } = createWatch(t);
  const lost = new McpClientError('SERVER_UNREACHABLE', 'gone', { retry: 'safe' });
  for (const error of [busy(), lost]) await fail('inventory', error);
  wait(299_000);
  for (const error of [busy(), lost]) await fail('inventory', error);
  assert.deepEqual(watch.current.standing, []);
  wait(2_000);
  await fail('inventory', lost);
  assert.deepEqual(watch.current.standing, []);
  await fail('inventory', busy());
  assert.deepEqual(
    watch.current.standing.map(({ code }) => code),
    ['SERVER_BUSY'],
  );
  const other = createWatch(t);
  await other.fail('inventory', busy());
  await other.watch.watch('inventory', () => Promise.resolve());
  other.wait(600_000);
  await other.fail('inventory', busy());
  assert.deepEqual(other.watch.current.standing, [], 'it was taken in between');
});

test('an expired access is no refusal, and a heartbeat that nobody answered is no yes', async (t) => {
  const { watch, fail } = createWatch(t);
  await fail(
    'heartbeat',
    new McpProblem('old', { code: 'ACCESS_TOKEN_EXPIRED', status: 401, retry: 'safe' }),
  );
  assert.deepEqual(watch.current.standing, []);
  await fail('heartbeat', new McpProblem('no', { code: 'HEARTBEAT_INVALID', status: 400 }));
  await watch.watch(
    'heartbeat',
    () => Promise.resolve('sent'),
    () => false,
  );
  assert.equal(watch.current.standing.length, 1);
});

test('entries that are let go of are counted', async (t) => {
  const { database, watch, wait } = createWatch(t);
  watch.noteGivenUp('logs', tooLarge);
  wait(5);
  watch.noteGivenUp('logs', tooLarge);
  assert.deepEqual(readRefusals(database).givenUp, [
    { call: 'logs', code: 'MESSAGE_TOO_LARGE', count: 2, lastAt: 1_000_005 },
  ]);
});

test('heartbeats say what stands, also while the disk is full', async (t) => {
  const { database, watch, fail } = createWatch(t);
  const module = refusalsModule.create({ refusals: watch });
  assert.deepEqual(module.heartbeat(), { troubles: [] });
  fillDisk(database);
  await fail('inventory', tooLarge);
  await fail('logs', new McpProblem('x'.repeat(8_000), { code: 'BODY_INVALID', status: 400 }));
  assert.deepEqual(module.heartbeat(), { troubles: ['inventory-refused', 'logs-refused'] });
});

test('what somebody else wrote into the note is no refusal', (t) => {
  const { database } = createWatch(t);
  const save = database.connection.prepare(
    "INSERT OR REPLACE INTO note (name, value) VALUES ('refusals', ?)",
  );
  for (const text of [
    '{}',
    '{"standing":7,"givenUp":[null,1]}',
    '{"standing":[{"call":"fly","code":"A","text":"b","since":1}]}',
  ]) {
    save.run(text);
    assert.deepEqual(readRefusals(database), { standing: [], givenUp: [] });
  }
});
