import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComponentState, Transport, TransportReason } from '@holdfast/protocol';
import { refusableCalls } from '../refusals/index.ts';
import { assessHealth, findOverallState } from './health-check.ts';
import type { HealthFacts } from './health-facts.ts';
import { describeTransport } from './transport-text.ts';

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;
const MEBIBYTE = 1_048_576;
const bounds = { maxCount: 100, maxBytes: 1_000 };

const well: HealthFacts = {
  clockOffsetMs: 1_200,
  authorityExpiresAt: NOW + 3_000 * DAY_MS,
  freeBytes: 20_000 * MEBIBYTE,
  outbox: { ...bounds, count: 0, bytes: 0 },
  journals: [{ size: { entryCount: 3, entryBytes: 300, droppedCount: 0 }, bounds }],
  inventorySentAt: NOW - 3_600_000,
  connection: {
    isConnected: true,
    transport: 'udp-acknowledged',
    transportReason: 'both-directions-seen',
    lastFailureCode: undefined,
  },
  isDatabaseSound: true,
  residentBytes: 60 * MEBIBYTE,
};

const neverFailed = { checkedAt: NOW - 60_000, catalogueVersion: 3, failure: undefined };
const sourceGone = { code: 'SOURCE_UNREACHABLE', text: 'The server cannot be reached.', since: NOW - 5_000 };
const componentOf = (state: ComponentState['state']): ComponentState => ({
  component: `of-${state}`,
  state,
  changedAt: 1,
  ...(state === 'failed' ? { code: 'TARGET_WRONG', reason: 'It is another file.' } : {}),
});

function stateOf(name: string, change: Partial<HealthFacts>): string | undefined {
  return assessHealth({ ...well, ...change }, NOW).find((check) => check.name === name)?.state;
}

function textOf(name: string, change: Partial<HealthFacts> = {}): string | undefined {
  return assessHealth({ ...well, ...change }, NOW).find((check) => check.name === name)?.text;
}

test('an agent that is well passes every check', () => {
  const checks = assessHealth(well, NOW);
  assert.equal(checks.length, 10);
  assert.equal(findOverallState(checks), 'ok', JSON.stringify(checks));
});

test('each check warns and fails at its limits', () => {
  const cases: readonly [string, Partial<HealthFacts>, string][] = [
    ['clock', { clockOffsetMs: -61_000 }, 'warning'],
    ['clock', { clockOffsetMs: 2 * DAY_MS }, 'failed'],
    ['clock', { clockOffsetMs: undefined }, 'warning'],
    ['certificate', { authorityExpiresAt: NOW + 29 * DAY_MS }, 'warning'],
    ['certificate', { authorityExpiresAt: NOW - 1 }, 'failed'],
    ['certificate', { authorityExpiresAt: undefined }, 'failed'],
    ['disk-space', { freeBytes: 200 * MEBIBYTE }, 'warning'],
    ['disk-space', { freeBytes: MEBIBYTE }, 'failed'],
    ['disk-space', { freeBytes: undefined }, 'warning'],
    ['disk-space', { diskFullSince: NOW - DAY_MS }, 'failed'],
    ['outbox', { outbox: { ...bounds, count: 50, bytes: 0 } }, 'warning'],
    ['outbox', { outbox: { ...bounds, count: 0, bytes: 990 } }, 'failed'],
    [
      'journals',
      { journals: [{ size: { entryCount: 60, entryBytes: 0, droppedCount: 4 }, bounds }] },
      'warning',
    ],
    [
      'journals',
      { journals: [{ size: { entryCount: 0, entryBytes: 1_000, droppedCount: 4 }, bounds }] },
      'failed',
    ],
    ['inventory', { inventorySentAt: NOW - 3 * DAY_MS }, 'warning'],
    ['inventory', { inventorySentAt: NOW - 20 * DAY_MS }, 'failed'],
    ['inventory', { inventorySentAt: undefined }, 'warning'],
    ['transport', { connection: undefined }, 'warning'],
    ['database', { isDatabaseSound: false }, 'failed'],
    ['components', { components: [componentOf('up-to-date')], updateCheck: neverFailed }, 'ok'],
    ['components', { components: [componentOf('behind')] }, 'ok'],
    ['components', { components: [componentOf('up-to-date'), componentOf('failed')] }, 'failed'],
    ['components', { updateCheck: { ...neverFailed, checkedAt: undefined, failure: sourceGone } }, 'ok'],
    [
      'components',
      { updateCheck: { ...neverFailed, checkedAt: NOW - 60_000, failure: sourceGone } },
      'warning',
    ],
    [
      'components',
      { updateCheck: { ...neverFailed, checkedAt: NOW - 90_000_000, failure: sourceGone } },
      'failed',
    ],
    ['memory', { residentBytes: 100 * MEBIBYTE }, 'warning'],
    ['memory', { residentBytes: 121 * MEBIBYTE }, 'failed'],
    ['memory', { residentBytes: undefined }, 'warning'],
  ];
  for (const [name, change, expected] of cases) {
    assert.equal(stateOf(name, change), expected, `${name} ${JSON.stringify(change)}`);
    assert.equal(findOverallState(assessHealth({ ...well, ...change }, NOW)), expected);
  }
});

test('what the server refuses fails the check, with the reason on one line; what it never took warns for a day', () => {
  const standing = [
    { call: 'inventory', code: 'MESSAGE_TOO_LARGE', text: 'too\nlong', since: NOW - 7_200_000 },
    { call: 'logs', code: 'LOG_JOURNALS_FULL', text: 'full', since: NOW },
  ] as const;
  const givenUp = [{ call: 'reports', code: 'BODY_INVALID', count: 3, lastAt: NOW - 3_600_000 }] as const;
  const refusals = { standing, givenUp };
  assert.equal(stateOf('inventory', { refusals }), 'failed');
  assert.equal(
    textOf('inventory', { refusals }),
    'The server got the inventory 1 h ago. The server has refused this for 2 h: inventory (MESSAGE_TOO_LARGE: too long).',
  );
  assert.equal(stateOf('journals', { refusals }), 'failed');
  assert.equal(stateOf('outbox', { refusals }), 'warning');
  assert.match(textOf('outbox', { refusals }) ?? '', /reports, so far 3, the last for BODY_INVALID/u);
  assert.equal(stateOf('transport', { refusals }), 'ok');
  const old = [{ ...givenUp[0], lastAt: NOW - 2 * DAY_MS }];
  assert.equal(stateOf('outbox', { refusals: { standing: [], givenUp: old } }), 'ok');
  // Whatever the server refuses belongs to one of the checks.
  for (const call of refusableCalls) {
    const one = { standing: [{ call, code: 'X', text: '', since: NOW }], givenUp: [] };
    assert.equal(findOverallState(assessHealth({ ...well, refusals: one }, NOW)), 'failed', call);
  }
});

test('without a connection the check names the last failure', () => {
  const connection = {
    isConnected: false,
    transport: 'https',
    transportReason: '',
    lastFailureCode: 'SERVER_UNREACHABLE',
  };
  const checks = assessHealth({ ...well, connection }, NOW);
  const { state, text } = checks.find(({ name }) => name === 'transport') ?? {};
  assert.equal(state, 'failed');
  assert.match(text ?? '', /SERVER_UNREACHABLE/u);
});

test('the way of the heartbeats is told in words', () => {
  assert.equal(
    textOf('transport'),
    'Heartbeats travel by UDP with acknowledgements, seen to work in both directions.',
  );
  for (const transport of Object.values(Transport)) {
    for (const reason of Object.values(TransportReason))
      assert.match(describeTransport(transport, reason), /^Heartbeats travel by (?:UDP|HTTPS)[a-z ,]*\.$/u);
  }
  assert.equal(describeTransport('https', ''), 'Heartbeats travel by HTTPS.');
  assert.equal(describeTransport('https', 'a-later-one'), 'Heartbeats travel by HTTPS, a-later-one.');
  assert.match(describeTransport('unknown', ''), /until a way for them is chosen/u);
});

test('from ten GiB on a size is told in GiB', () => {
  assert.match(textOf('disk-space', { freeBytes: 76_849 * MEBIBYTE }) ?? '', / 75 GiB left/u);
  assert.match(textOf('disk-space', { freeBytes: 10_239 * MEBIBYTE }) ?? '', / 10239 MiB left/u);
  assert.match(textOf('memory') ?? '', / 60 MiB /u);
});

test('the result stays small whatever the facts say', () => {
  const size = Buffer.byteLength(
    JSON.stringify(assessHealth({ ...well, freeBytes: 1e18, clockOffsetMs: -1e15 }, NOW)),
  );
  assert.ok(size < 4_096, `${size} bytes`);
});
