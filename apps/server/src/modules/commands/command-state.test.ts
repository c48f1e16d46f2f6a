import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommandState, commandStates } from '@holdfast/api';
import { ReportedState } from '@holdfast/protocol';
import fc from 'fast-check';
import { decideReport, isBegun, isEnd, isUnbegun, rankOf, stepTimeMs } from './command-state.ts';

const R = 'recorded';
const A = 'already-recorded';
const C = 'closed';

// Rows: the state of the target. Columns: accepted, running, succeeded, failed, cancelled.
const table: Record<CommandState, readonly [string, string, string, string, string]> = {
  queued: [R, R, R, R, R],
  delivered: [R, R, R, R, R],
  accepted: [A, R, R, R, R],
  running: [A, A, R, R, R],
  cancelling: [A, A, R, R, R],
  succeeded: [A, A, A, C, C],
  failed: [A, A, C, A, C],
  expired: [C, C, C, C, C],
  cancelled: [C, C, C, C, A],
};

for (const state of commandStates) {
  test(`what becomes of each report when the command is ${state}`, () => {
    const decisions = Object.values(ReportedState).map((reported) => decideReport(state, reported));
    assert.deepEqual(decisions, table[state]);
  });
}

type Event =
  | { readonly kind: 'report'; readonly state: ReportedState }
  | { readonly kind: 'claim' | 'cancel' | 'expire' | 'give up' };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constantFrom(...Object.values(ReportedState)).map((state) => ({ kind: 'report', state }) as const),
  fc.constantFrom('claim', 'cancel', 'expire', 'give up').map((kind) => ({ kind }) as const),
);

/** The whole machine, as the stores apply it. */
function apply(state: CommandState, next: Event): CommandState {
  switch (next.kind) {
    case 'claim':
      return state === 'queued' ? 'delivered' : state;
    case 'cancel':
      return isUnbegun(state) ? 'cancelled' : isBegun(state) ? 'cancelling' : state;
    case 'expire':
      return isUnbegun(state) ? 'expired' : state;
    case 'give up':
      return isEnd(state) ? state : 'expired';
    case 'report':
      return decideReport(state, next.state) === 'recorded' ? next.state : state;
  }
}

test('whatever happens in whatever order, a command never goes back, never leaves an end, and reaches no state twice', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state: CommandState = 'queued';
      const reached: CommandState[] = [state];
      for (const next of events) {
        const after = apply(state, next);
        if (after === state) continue;
        assert.ok(rankOf(after) > rankOf(state), `${state} to ${after}`);
        assert.equal(isEnd(state), false);
        reached.push(after);
        state = after;
      }
      assert.equal(new Set(reached).size, reached.length);
      assert.ok(reached.length <= 6);
    }),
  );
});

test('a batch that is repeated changes nothing, and says the same of what it changed before', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 12 }),
      fc.array(fc.constantFrom(...Object.values(ReportedState)), { maxLength: 8 }),
      (before, batch) => {
        const start = before.reduce(apply, 'queued');
        const once = batch.reduce<CommandState>(
          (state, reported) => apply(state, { kind: 'report', state: reported }),
          start,
        );
        let state = once;
        for (const reported of batch) {
          const decision = decideReport(state, reported);
          assert.notEqual(decision, 'recorded');
          state = apply(state, { kind: 'report', state: reported });
        }
        assert.equal(state, once);
      },
    ),
  );
});

test('the time of a step is that of the product, corrected by how far its clock was off', () => {
  const now = 1_000_000;
  assert.equal(stepTimeMs(900_000, 0, 800_000, now), 900_000);
  assert.equal(stepTimeMs(900_000 - 86_400_000, 86_400_000, 800_000, now), 900_000);
});

test('a step is never before the one before it and never in the future, whatever the product claims', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.maxSafeNat(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1)),
      fc.integer(),
      fc.nat(2_000_000),
      fc.nat(2_000_000),
      (reportedAtMs, skewMs, previousAtMs, nowMs) => {
        const at = stepTimeMs(reportedAtMs, skewMs, previousAtMs, nowMs);
        assert.ok(at <= nowMs);
        assert.ok(at >= Math.min(previousAtMs, nowMs));
      },
    ),
  );
});
