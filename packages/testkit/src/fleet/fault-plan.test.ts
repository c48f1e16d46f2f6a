import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Arrival, planArrivalMs } from './arrival-plan.ts';
import { drawAt, DrawPurpose } from './draw.ts';
import {
  drawsPerDatagram,
  type NetworkFaults,
  noNetworkFaults,
  noProductFaults,
  planDatagram,
  planProduct,
} from './fault-plan.ts';

function draws(seed: number, subject: number, purpose: DrawPurpose) {
  return (count: number): number => drawAt(seed, subject, purpose, count);
}

test('a draw is even, lies in [0, 1), and depends on its arguments alone', () => {
  let sum = 0;
  for (let count = 0; count < 20_000; count++) {
    const drawn = drawAt(7, count % 100, DrawPurpose.sent, Math.floor(count / 100));
    assert.ok(drawn >= 0 && drawn < 1);
    assert.equal(drawn, drawAt(7, count % 100, DrawPurpose.sent, Math.floor(count / 100)));
    sum += drawn;
  }
  assert.ok(Math.abs(sum / 20_000 - 0.5) < 0.02, String(sum / 20_000));
  assert.notEqual(drawAt(7, 1, DrawPurpose.sent, 1), drawAt(8, 1, DrawPurpose.sent, 1));
  assert.notEqual(drawAt(7, 1, DrawPurpose.sent, 1), drawAt(7, 1, DrawPurpose.received, 1));
});

test('without faults every datagram arrives once and at once', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      assert.deepEqual(planDatagram(noNetworkFaults, draws(seed, 1, DrawPurpose.sent)), {
        delaysMs: [0],
        isHeldBack: false,
      });
    }),
  );
});

test('faults come in the shares that were asked for, and delays stay within their bounds', () => {
  const faults: NetworkFaults = {
    loseShare: 0.1,
    duplicateShare: 0.2,
    reorderShare: 0.3,
    minDelayMs: 5,
    maxDelayMs: 50,
  };
  const count = 20_000;
  let lost = 0;
  let twice = 0;
  let heldBack = 0;
  for (let nth = 0; nth < count; nth++) {
    const fate = planDatagram(faults, (draw) =>
      drawAt(3, 0, DrawPurpose.sent, drawsPerDatagram * nth + draw),
    );
    for (const delayMs of fate.delaysMs) assert.ok(delayMs >= 5 && delayMs <= 50);
    if (fate.delaysMs.length === 0) lost++;
    if (fate.delaysMs.length === 2) twice++;
    if (fate.isHeldBack) heldBack++;
  }
  const near = (share: number, wanted: number): void =>
    assert.ok(Math.abs(share - wanted) < 0.02, `${share}`);
  near(lost / count, 0.1);
  near(twice / (count - lost), 0.2);
  near(heldBack / (count - lost), 0.3);
});

test('a clock jumps and a product falls silent only when that was asked for, and within the run', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(1_000), (seed, index) => {
      const streams = {
        clockJump: draws(seed, index, DrawPurpose.clockJump),
        silence: draws(seed, index, DrawPurpose.silence),
      };
      assert.deepEqual(planProduct(noProductFaults, 1_000, streams), {
        clockJump: undefined,
        silentAtMs: undefined,
      });
      const fate = planProduct({ clockJumpShare: 1, maxClockJumpMs: 60_000, silentShare: 1 }, 1_000, streams);
      assert.ok(fate.clockJump !== undefined && fate.silentAtMs !== undefined);
      assert.ok(fate.clockJump.atMs >= 0 && fate.clockJump.atMs < 1_000);
      assert.ok(Math.abs(fate.clockJump.byMs) <= 60_000);
      assert.ok(fate.silentAtMs >= 0 && fate.silentAtMs < 1_000);
    }),
  );
});

test('a fleet arrives within its time: at once, evenly, or mostly in the middle', () => {
  const count = 5_000;
  const withinMs = 9_000;
  const plan = (arrival: Arrival): number[] =>
    Array.from({ length: count }, (_, index) =>
      planArrivalMs(arrival, { index, count, withinMs }, draws(1, index, DrawPurpose.arrival)),
    );
  const inThird = (times: number[], third: number): number =>
    times.filter((atMs) => Math.floor(atMs / 3_000) === third).length / count;
  assert.ok(plan(Arrival.burst).every((atMs) => atMs === 0));
  const steady = plan(Arrival.steady);
  const office = plan(Arrival.office);
  for (const atMs of [...steady, ...office]) assert.ok(atMs >= 0 && atMs < withinMs);
  assert.ok(Math.abs(inThird(steady, 1) - 1 / 3) < 0.01);
  assert.ok(inThird(office, 1) > 0.6);
});
