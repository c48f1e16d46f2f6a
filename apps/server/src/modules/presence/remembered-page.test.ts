import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RememberedPresence } from './remembered-presence.ts';
import { decodeRememberedPage } from './remembered-page.ts';

function decode(page: string): RememberedPresence[] {
  const all: RememberedPresence[] = [];
  decodeRememberedPage(page, (remembered) => all.push(remembered));
  return all;
}

const line = [
  '17',
  'active',
  'udp-acknowledged',
  '4',
  '1795302919123',
  '0',
  '4',
  '9007199254740991',
  '60000',
  'timed-out',
  'silent',
  'running',
  String.raw`{"uptimeS": 12, "agentMemoryKiB": -1, "loadAverageHundredths": 1.5, "other\t": 3}`,
].join('\t');

test('a line says what is remembered of a product', () => {
  assert.deepEqual(decode(line), [
    {
      productNumber: 17,
      isDisabled: false,
      epoch: 4,
      transport: 'udp-acknowledged',
      lastSeenAtMs: 1_795_302_919_123,
      changedAtMs: undefined,
      lastSequence: Number.MAX_SAFE_INTEGER,
      intervalMs: 60_000,
      status: 'timed-out',
      reason: 'silent',
      serviceState: 'running',
      activity: { uptimeS: 12 },
    },
  ]);
});

test('a product of which nothing is remembered is offline and was never seen', () => {
  const [first, second] = decode('1\tdisabled\thttps\t2\t0\t0\n2\tactive\tunheard-of\t0\t0\t0');
  assert.deepEqual(
    [first?.isDisabled, first?.status, first?.reason, first?.lastSeenAtMs, first?.activity],
    [true, 'offline', 'never-seen', undefined, {}],
  );
  assert.deepEqual([second?.productNumber, second?.transport], [2, 'unknown']);
});

test('names that this version does not know are read as unknown, and an empty page holds nobody', () => {
  const [product] = decode('1\tactive\tudp\t2\t0\t0\t1\t55\t10\tflying\tbored\tasleep\t[]');
  assert.deepEqual(
    [product?.status, product?.reason, product?.serviceState, product?.lastSequence, product?.activity],
    ['offline', 'never-seen', 'unknown', 0, {}],
  );
  assert.deepEqual(decode(''), []);
});

test('a page of another form is refused', () => {
  for (const page of [
    'x',
    '1\tactive',
    '1\tactive\tudp\t-2\t0\t0',
    `${line}\tmore`,
    '1\tactive\tudp\t2\t0\t0\t1',
    '\n',
  ]) {
    assert.throws(() => decode(page), RangeError, page);
  }
});
