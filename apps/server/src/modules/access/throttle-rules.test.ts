import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decideAttempt,
  delayAfter,
  type ThrottleState,
  throttleRules,
  undoAttempt,
} from './throttle-rules.ts';

const nameRule = throttleRules.name;
const START = Date.parse('2026-11-22T08:00:00Z');

/** Makes attempts one after the other, each as soon as it is allowed; answers the waits between them. */
function failRepeatedly(count: number): number[] {
  let state: ThrottleState | undefined;
  let nowMs = START;
  const waits: number[] = [];
  for (let index = 0; index < count; index += 1) {
    let decision = decideAttempt(state, nameRule, nowMs);
    let waitMs = 0;
    if (decision.kind === 'refused') {
      waitMs = decision.retryAfterMs;
      nowMs += waitMs;
      decision = decideAttempt(state, nameRule, nowMs);
    }
    assert.equal(decision.kind, 'allowed');
    if (decision.kind === 'allowed') state = decision.next;
    waits.push(waitMs);
  }
  return waits;
}

test('the first failures cost nothing, then the pause doubles up to a minute and no further', () => {
  assert.deepEqual(
    failRepeatedly(13),
    [0, 0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000],
  );
});

test('a refused attempt changes nothing: trying harder does not make the wait longer', () => {
  const state = { failures: 8, lastAttemptAtMs: START, blockedUntilMs: START + 8_000 };
  for (const afterMs of [0, 1_000, 7_999]) {
    assert.deepEqual(decideAttempt(state, nameRule, START + afterMs), {
      kind: 'refused',
      retryAfterMs: 8_000 - afterMs,
    });
  }
  assert.equal(decideAttempt(state, nameRule, START + 8_000).kind, 'allowed');
});

test('after an hour of quiet everything is forgotten', () => {
  const state = { failures: 500, lastAttemptAtMs: START, blockedUntilMs: START + 60_000 };
  const decision = decideAttempt(state, nameRule, START + nameRule.forgetAfterMs);
  assert.ok(decision.kind === 'allowed' && decision.next.failures === 1);
});

test('a clock that was set back shuts nobody out for longer than the longest pause', () => {
  const state = { failures: 20, lastAttemptAtMs: START, blockedUntilMs: START + 60_000 };
  const decision = decideAttempt(state, nameRule, START - 86_400_000);
  assert.deepEqual(decision, { kind: 'refused', retryAfterMs: nameRule.maxDelayMs });
});

test('taking one attempt back leaves the others counted', () => {
  const blocked = { failures: 25, lastAttemptAtMs: START, blockedUntilMs: START + 64_000 };
  assert.deepEqual(undoAttempt(blocked, throttleRules.address), { ...blocked, failures: 24 });
  const atEdge = { failures: 20, lastAttemptAtMs: START, blockedUntilMs: START + 1_000 };
  assert.deepEqual(undoAttempt(atEdge, throttleRules.address), {
    ...atEdge,
    failures: 19,
    blockedUntilMs: null,
  });
});

test('whatever happened before, the next attempt is never further away than the longest pause', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(throttleRules)),
      fc.nat(2_000_000),
      fc.integer({ min: -1e12, max: 1e12 }),
      fc.option(fc.integer({ min: -1e12, max: 1e12 })),
      (rule, failures, sinceMs, blockedForMs) => {
        const state = {
          failures,
          lastAttemptAtMs: START - sinceMs,
          blockedUntilMs: blockedForMs === null ? null : START + blockedForMs,
        };
        const decision = decideAttempt(state, rule, START);
        if (decision.kind === 'refused') {
          assert.ok(decision.retryAfterMs > 0 && decision.retryAfterMs <= rule.maxDelayMs);
        } else {
          assert.ok((decision.next.blockedUntilMs ?? START) - START <= rule.maxDelayMs);
        }
      },
    ),
  );
});

test('more failures never mean a shorter pause', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(throttleRules)), fc.nat(5_000), (rule, failures) => {
      assert.ok(delayAfter(failures + 1, rule) >= delayAfter(failures, rule));
    }),
  );
});
