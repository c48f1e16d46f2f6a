import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKnownSenders, type KnownSenders } from './known-senders.ts';

const INSTANCE = '00000000000000aa';

function hear(
  senders: KnownSenders,
  nowMs: number,
  sequence: number,
  options: { instance?: string; isEcho?: boolean; productNumber?: number; random?: number } = {},
) {
  const { instance = INSTANCE, isEcho = false, productNumber = 7, random = 0.5 } = options;
  return senders.admit({ type: 'beacon', productNumber, instance, sequence }, { nowMs, random, isEcho });
}

test('what is not newer than all before of its sender is no news', () => {
  const senders = createKnownSenders();
  assert.ok(hear(senders, 0, 5));
  for (const sequence of [5, 4, 1]) assert.equal(hear(senders, 1, sequence), undefined, `${sequence}`);
  assert.ok(hear(senders, 2, 6));
  assert.ok(hear(senders, 3, 1, { instance: '00000000000000bb' }), 'another process counts anew');
});

test('a new sender is believed for a while, asked in its time, and not believed when it does not answer', () => {
  const senders = createKnownSenders();
  let asked = 0;
  let nowMs = 0;
  for (let sequence = 1; nowMs <= 15_000; sequence++, nowMs += 500) {
    const admission = hear(senders, nowMs, sequence);
    assert.deepEqual([admission?.isTrusted, admission?.isProven], [true, false], `${nowMs}`);
    if (admission?.isToBeAsked === true) asked++;
    if (nowMs < 5_000) assert.equal(asked, 0, 'at a random moment of ten seconds');
  }
  assert.ok(asked >= 4, `${asked}`);
  assert.equal(hear(senders, nowMs, 1_000)?.isTrusted, false);
  assert.equal(
    hear(senders, nowMs + 1, 1_001, { isEcho: true })?.isProven,
    true,
    'it may still prove itself',
  );
});

test('after somebody who did not prove itself nobody is believed without proof, for ten minutes', () => {
  const senders = createKnownSenders();
  for (let sequence = 1; sequence <= 40; sequence++) hear(senders, sequence * 500, sequence, { random: 0 });
  const other = { productNumber: 8 };
  const first = hear(senders, 21_000, 1, other);
  assert.deepEqual([first?.isTrusted, first?.isToBeAsked], [false, true], 'asked at once');
  assert.equal(hear(senders, 21_100, 2, { ...other, isEcho: true })?.isTrusted, true);
  const late = 20_500 + 600_001;
  assert.equal(hear(senders, late, 1, { productNumber: 9 })?.isTrusted, true);
});

test('recordings of many instances do not push out who is proven', () => {
  const senders = createKnownSenders();
  hear(senders, 0, 50, { isEcho: true });
  for (let n = 0; n < 5_000; n++)
    hear(senders, 1, 1, { instance: n.toString(16).padStart(16, '0'), productNumber: 8 });
  assert.equal(hear(senders, 2, 50), undefined, 'its sequence is still known');
  assert.equal(hear(senders, 2, 51)?.isProven, true);
});

test('who is to be known at once is asked at once, and not without a pause', () => {
  const senders = createKnownSenders();
  assert.equal(senders.askAtOnce(7, 0), false, 'nobody knows it');
  hear(senders, 0, 1);
  assert.equal(senders.askAtOnce(7, 1), true);
  assert.equal(senders.askAtOnce(7, 100), false);
  assert.equal(senders.askAtOnce(7, 300), true);
  hear(senders, 301, 2, { isEcho: true });
  assert.equal(senders.askAtOnce(7, 2_000), false, 'it is proven');
});
