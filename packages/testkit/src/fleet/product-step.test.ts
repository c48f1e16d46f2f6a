import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Transport } from '@holdfast/protocol';
import fc from 'fast-check';
import { classifyRefusal } from './failure-kind.ts';
import {
  initialProductState,
  Phase,
  type ProductEvent,
  type ProductState,
  type ProductStep,
  type ProductTraits,
} from './product-state.ts';
import { ProductColumns } from './product-columns.ts';
import { stepProduct } from './product-step.ts';

const traits: ProductTraits = { usesUdp: true, obeysCommands: true, forcedIntervalMs: undefined };
const half = (): number => 0.5;
const handshaken: ProductEvent = {
  type: 'handshaken',
  intervalMs: 20_000,
  returnSpreadMs: 40_000,
  takesDatagrams: true,
};
const acknowledged = (more: Partial<Extract<ProductEvent, { type: 'acknowledged' }>> = {}): ProductEvent => ({
  type: 'acknowledged',
  by: 'udp',
  commandsWait: false,
  handshakeAgain: false,
  nextIntervalMs: 20_000,
  ...more,
});
const timer: ProductEvent = { type: 'timer' };

function follow(
  events: readonly ProductEvent[],
  from: ProductState = initialProductState,
  own = traits,
): ProductStep {
  let step: ProductStep = { state: from, actions: [], timer: 'keep' };
  for (const event of events) step = stepProduct(step.state, event, own, half);
  return step;
}

const chosen = (transport: Transport): ProductEvent => ({ type: 'transport-chosen', transport });
const connected = (transport: Transport, own = traits): ProductStep =>
  follow(
    [
      timer,
      { type: 'registered' },
      handshaken,
      ...(own.usesUdp ? [{ type: 'probe-acknowledged' } as const] : []),
      chosen(transport),
    ],
    initialProductState,
    own,
  );

test('a product that is started registers, shakes hands, probes, lets the server choose, beats and claims', () => {
  assert.deepEqual(follow([timer]).actions, [{ type: 'register' }]);
  assert.deepEqual(follow([timer, { type: 'registered' }]).actions, [{ type: 'handshake' }]);
  const probing = follow([timer, { type: 'registered' }, handshaken]);
  assert.deepEqual([probing.actions, probing.timer], [[{ type: 'probe', sequence: 1 }], 300]);
  const choosing = follow([timer, { type: 'probe-acknowledged' }], probing.state);
  assert.deepEqual(choosing.actions, [{ type: 'choose-transport', probesSent: 2, acknowledged: true }]);
  const beating = follow([chosen(Transport.udpAcknowledged)], choosing.state);
  assert.deepEqual(beating.actions, [{ type: 'heartbeat', by: 'udp', isNew: true }, { type: 'claim' }]);
});

test('a product that only registers stops once it is registered', () => {
  const step = follow([{ type: 'register' }, { type: 'registered' }]);
  assert.deepEqual([step.state.phase, step.actions, step.timer], [Phase.registered, [], 'none']);
});

test('probes that nobody answers are three, and the server hears so', () => {
  const step = follow([timer, { type: 'registered' }, handshaken, timer, timer, timer]);
  assert.deepEqual(step.actions, [{ type: 'choose-transport', probesSent: 3, acknowledged: false }]);
});

const unreachable: ProductEvent = {
  type: 'failed',
  failure: { call: 'heartbeat', kind: 'unreachable', retryAfterMs: 0 },
};
/** What is done, and the wait after it. */
const show = ({ actions, timer: wait }: ProductStep): string => {
  const names = actions.map((it) =>
    it.type === 'heartbeat' ? `${it.isNew ? 'new' : 'same'} by ${it.by}` : it.type,
  );
  return [...names, wait].join(', ');
};
const idle = (): ProductStep =>
  follow(
    [{ type: 'claim-ended', isMore: false, needsHandshake: false }, acknowledged()],
    connected(Transport.udpAcknowledged).state,
  );

test('a heard product sends a heartbeat twice by UDP and not by HTTPS, and then waits for the next one', () => {
  let step = follow([timer], idle().state);
  assert.equal(show(step), 'new by udp, 3833');
  step = follow([timer], step.state);
  assert.equal(show(step), 'same by udp, 2000');
  step = follow([timer], step.state);
  assert.equal(show(step), `${20_000 - 3_833 - 2_000}`, 'one interval after the first sending');
});

test('a product that is not heard makes one attempt for each heartbeat, by HTTPS and by UDP in turn', () => {
  let step = follow([timer, timer, timer], idle().state);
  for (let round = 0; round < 4; round++) {
    step = follow([timer], step.state);
    assert.equal(show(step), 'new by https, 20000');
    step = follow([unreachable], step.state);
    assert.equal(show(step), 'keep');
    step = follow([timer], step.state);
    assert.equal(show(step), 'new by udp, 2000');
    step = follow([timer], step.state);
    assert.equal(show(step), '18000');
  }
});

test('the heartbeat after a lost one is not later than 2.1 intervals after the last answer', () => {
  const late = (state: ProductState, event: ProductEvent): ProductStep =>
    stepProduct(state, event, traits, () => 0.999_999);
  const answered = late(follow([timer], idle().state).state, acknowledged());
  assert.equal(answered.timer, 22_000);
  let step = answered;
  for (let time = 0; time < 3; time++) step = late(step.state, timer);
  assert.equal(step.timer, 20_000 - 6_667 - 2_000);
  // The status is another one by now, and the jitter is whole again.
  assert.equal(late(step.state, timer).timer, 22_000);
});

test('where only the second sending was answered, the next heartbeat counts from the first', () => {
  const repeated = follow([timer, timer], idle().state);
  assert.equal(show(repeated), 'same by udp, 2000');
  assert.equal(follow([acknowledged()], repeated.state).timer, 20_000 - 3_833);
});

test('an answer by either way makes a product heard again', () => {
  const lost = follow([timer, timer, timer], idle().state).state;
  for (const state of [
    follow([timer, acknowledged({ by: 'https' })], lost).state,
    follow([timer, unreachable, timer, acknowledged()], lost).state,
  ]) {
    assert.equal(show(follow([timer], state)), 'new by udp, 3833');
    assert.equal(show(follow([timer, timer], state)), 'same by udp, 2000');
  }
});

test('a call that lasts longer than the interval is followed by the next attempt at once', () => {
  const lost = follow([timer, timer, timer], idle().state).state;
  const overdue = follow([timer, timer], lost);
  assert.equal(show(overdue), 'keep');
  assert.equal(show(follow([unreachable], overdue.state)), 'new by udp, 2000');
  assert.equal(show(follow([acknowledged({ by: 'https' })], overdue.state)), '20000');
});

test('a busy server is left alone for as long as it asks, also by a product that is not heard', () => {
  const lost = follow([timer, timer, timer, timer], idle().state).state;
  const busy = { call: 'heartbeat', kind: 'later', retryAfterMs: 40_000 } as const;
  assert.equal(show(follow([{ type: 'failed', failure: busy }], lost)), '60000');
});

test('where UDP is blocked a product gives a sign of life in every second interval, and ends on HTTPS after three misses', () => {
  let step = idle();
  for (let miss = 1; miss <= 3; miss++) {
    step = follow([timer, timer, timer], step.state);
    step = follow([timer], step.state);
    assert.equal(show(step), 'new by https, 20000');
    step = follow([acknowledged({ by: 'https' })], step.state);
    if (miss < 3) assert.equal(show(step), '20000');
  }
  assert.deepEqual(step.actions, [{ type: 'probe', sequence: 1 }]);
  step = follow([timer, timer, timer, chosen(Transport.https)], step.state);
  assert.equal(step.state.transport, Transport.https);
});

test('a server that was away for long is not asked for another choice when it is back', () => {
  let { state } = follow([timer, timer, timer], idle().state);
  for (let round = 0; round < 6; round++) state = follow([timer, unreachable, timer, timer], state).state;
  const back = follow([timer, acknowledged({ by: 'https' })], state);
  assert.equal(show(back), '20000');
  assert.equal(follow([timer, acknowledged()], back.state).state.missedByUdp, 0);
});

test('the interval is the newest that the server said: a random part of it at first, then within a tenth of it', () => {
  const first = follow(
    [acknowledged({ nextIntervalMs: 10_000 })],
    connected(Transport.udpAcknowledged).state,
  );
  assert.equal(first.timer, 5_000);
  const second = follow([timer, acknowledged({ nextIntervalMs: 30_000 })], first.state);
  assert.equal(second.timer, 30_000);
  for (const draw of [0, 0.999]) {
    const { timer: wait } = stepProduct(
      follow([timer], first.state).state,
      acknowledged(),
      traits,
      () => draw,
    );
    assert.ok(typeof wait === 'number' && wait >= 18_000 && wait <= 22_000);
  }
  const bounded = follow([timer, acknowledged({ nextIntervalMs: 1 })], first.state);
  assert.equal(bounded.timer, 1_000);
});

test('a second answer to one heartbeat changes nothing', () => {
  const once = follow([acknowledged()], connected(Transport.udpAcknowledged).state);
  const twice = follow([acknowledged({ commandsWait: true })], once.state);
  assert.deepEqual(twice, { state: once.state, actions: [], timer: 'keep' });
});

test('a product that lost its server comes back within the spread that the server gave', () => {
  const own = { ...traits, usesUdp: false };
  const { state } = connected(Transport.https, own);
  const failure = { call: 'heartbeat', kind: 'unreachable', retryAfterMs: 0 } as const;
  const waits = [0.1, 0.5, 0.9].map(
    (draw) => stepProduct(state, { type: 'failed', failure }, own, () => draw).timer,
  );
  assert.deepEqual(waits, [4_900, 20_500, 36_100]);
});

test('what the server asks for is waited for at least, and a refusal of the token is final', () => {
  const registering = follow([timer]).state;
  for (const draw of [0, 0.5, 0.999]) {
    const failure = { call: 'registration', kind: 'later', retryAfterMs: 7_000 } as const;
    const { timer: wait } = stepProduct(registering, { type: 'failed', failure }, traits, () => draw);
    assert.ok(typeof wait === 'number' && wait >= 7_000 && wait <= 14_000);
  }
  const kind = classifyRefusal('registration', { code: 'ENROLMENT_TOKEN_EXPIRED', status: 403 });
  const refused = follow(
    [{ type: 'failed', failure: { call: 'registration', kind, retryAfterMs: 0 } }],
    registering,
  );
  assert.deepEqual([refused.state.phase, refused.timer], [Phase.refused, 'none']);
});

test('refusals mean what the table of codes says', () => {
  const judge = (call: Parameters<typeof classifyRefusal>[0], code: string, status: number): string =>
    classifyRefusal(call, { code, status });
  assert.equal(judge('claim', 'ACCESS_TOKEN_EXPIRED', 401), 'handshake');
  assert.equal(judge('heartbeat', 'HEARTBEAT_INVALID', 400), 'handshake');
  assert.equal(judge('heartbeat', 'HEARTBEAT_REPLAYED', 409), 'later');
  assert.equal(judge('handshake', 'PRODUCT_UNKNOWN', 404), 'slowly');
  assert.equal(judge('handshake', 'PRODUCT_KEY_SHARED', 409), 'final');
  assert.equal(judge('handshake', 'ASSERTION_INVALID', 401), 'never');
  assert.equal(judge('registration', 'RATE_LIMITED', 429), 'later');
  assert.equal(judge('registration', 'NEW_KIND_OF_BUSY', 503), 'later');
});

test('by plain UDP a product expects nothing, claims at each interval, and asks by HTTPS now and then', () => {
  let step = connected(Transport.udp);
  let questions = 0;
  for (let beat = 0; beat < 20; beat++) {
    assert.ok(typeof step.timer === 'number' && step.timer <= 22_000);
    assert.ok(step.actions.some(({ type }) => type === 'claim'));
    if (step.actions.some((action) => action.type === 'heartbeat' && action.by === 'https')) questions++;
    step = follow([{ type: 'claim-ended', isMore: false, needsHandshake: false }, timer], step.state);
  }
  assert.equal(questions, 2);
});

test('a claim is never begun while another runs, and goes on while there is more', () => {
  const busy = connected(Transport.udpAcknowledged);
  assert.deepEqual(
    follow([{ type: 'notified', commandsWait: true, handshakeAgain: false }], busy.state).actions,
    [],
  );
  assert.deepEqual(
    follow([{ type: 'claim-ended', isMore: true, needsHandshake: false }], busy.state).actions,
    [{ type: 'claim' }],
  );
});

const anyEvent: fc.Arbitrary<ProductEvent> = fc.oneof(
  fc.constantFrom<ProductEvent>(
    timer,
    { type: 'register' },
    { type: 'registered' },
    { type: 'awaiting-approval', retryAfterMs: 30_000 },
    { type: 'probe-acknowledged' },
    { type: 'restart', afterMs: 100 },
    { type: 'notified', commandsWait: true, handshakeAgain: false },
    { type: 'claim-ended', isMore: false, needsHandshake: false },
  ),
  fc.constantFrom(handshaken, { ...handshaken, takesDatagrams: false } as ProductEvent),
  fc.constantFrom(...Object.values(Transport)).map(chosen),
  fc
    .record({
      by: fc.constantFrom('udp' as const, 'https' as const),
      commandsWait: fc.boolean(),
      handshakeAgain: fc.boolean(),
      nextIntervalMs: fc.nat(),
    })
    .map(acknowledged),
  fc
    .record({
      call: fc.constantFrom(
        'registration' as const,
        'handshake' as const,
        'transport' as const,
        'heartbeat' as const,
        'claim' as const,
      ),
      kind: fc.constantFrom(
        'unreachable' as const,
        'later' as const,
        'handshake' as const,
        'slowly' as const,
        'never' as const,
      ),
      retryAfterMs: fc.nat(60_000),
    })
    .map((failure): ProductEvent => ({ type: 'failed', failure })),
);

test('a started product never stands still: whatever comes, a timer runs or a call is under way', () => {
  fc.assert(
    fc.property(
      fc.array(anyEvent, { maxLength: 60 }),
      fc.boolean(),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (events, usesUdp, draw) => {
        const own = { ...traits, usesUdp };
        let state = stepProduct(initialProductState, timer, own, () => draw).state;
        let isTimed = false;
        let isCalling = true;
        for (const event of events) {
          if (event.type === 'timer' && !isTimed) continue;
          if (event.type === 'timer') isTimed = false;
          const before = state;
          const step = stepProduct(state, event, own, () => draw);
          state = step.state;
          const calls = step.actions.filter((action) => action.type !== 'claim' && action.type !== 'probe');
          if (step.timer === 'none') isTimed = false;
          else if (step.timer !== 'keep') {
            assert.ok(step.timer >= 0 && Number.isFinite(step.timer));
            isTimed = true;
          }
          if (step.timer !== 'keep') isCalling = calls.length > 0;
          assert.ok(isTimed || isCalling, `${before.phase} stands still after ${JSON.stringify(event)}`);
          assert.ok(state.phase === Phase.connected || !state.isClaiming || state.phase === before.phase);
        }
      },
    ),
  );
});

test('the columns give back what was stored, and count the phases', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const columns = new ProductColumns(3);
      columns.store(1, stepProduct(columns.load(1), timer, traits, half).state);
      for (const event of events) {
        const { state } = stepProduct(columns.load(1), event, traits, half);
        columns.store(1, state);
        assert.deepEqual(columns.load(1), state);
        assert.deepEqual(columns.load(0), initialProductState);
      }
      const total = Object.values(Phase).reduce((sum, phase) => sum + columns.countOf(phase), 0);
      assert.equal(total, 3);
      assert.ok(columns.countOf(columns.phaseOf(1)) >= 1);
    }),
  );
});
