import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '@holdfast/protocol';
import fc from 'fast-check';
import { type AgentAction, type AgentEvent, CallFailure } from './agent-event.ts';
import { type AgentState, initialAgentState } from './agent-state.ts';
import { stepAgent } from './agent-step.ts';
import { errandPlans } from './loop-script.testing.ts';

/** With one that needs no server. */
const errands = [
  ...errandPlans,
  { name: 'work', occasions: ['start', 'handshake'] as const, needsServer: false },
];

/** What the world can do next; `index` picks among the calls under way. */
interface Choice {
  readonly kind: 'answer' | 'timer' | 'nudge' | 'repeat';
  readonly index: number;
  readonly flavour: number;
  readonly random: number;
}

const choices = fc.array(
  fc.record<Choice>({
    kind: fc.constantFrom('answer', 'answer', 'timer', 'nudge', 'repeat'),
    index: fc.nat(20),
    flavour: fc.nat(1_000),
    random: fc.double({ min: 0, max: 0.999_999, noNaN: true }),
  }),
  { maxLength: 300, size: 'max' },
);

const failures = Object.values(CallFailure);
const transports: readonly Transport[] = ['udp-acknowledged', 'udp', 'https'];

/** A world that answers calls in any order, with any outcome, and sometimes late or twice. */
class World {
  state: AgentState = initialAgentState;
  timerDelayMs: number | undefined;
  readonly underWay: AgentAction[] = [];
  readonly datagrams: AgentAction[] = [];
  readonly running = new Set<string>();
  nowMs = 1_000;

  feed(event: AgentEvent, random: number): void {
    const { state, actions } = stepAgent(this.state, event, { nowMs: this.nowMs, random, errands });
    this.state = state;
    for (const action of actions) this.#obey(action);
  }

  #obey(action: AgentAction): void {
    switch (action.type) {
      case 'set-timer':
        assert.ok(action.delayMs >= 0 && action.delayMs <= 28_800_000 * 1.1, `delay ${action.delayMs}`);
        this.timerDelayMs = action.delayMs;
        return;
      case 'clear-timer':
        this.timerDelayMs = undefined;
        return;
      case 'handshake':
        assert.ok(!this.underWay.some(({ type }) => type === 'handshake'), 'two handshakes at once');
        this.underWay.push(action);
        return;
      case 'start-errand':
        assert.ok(!this.running.has(action.errand), `${action.errand} twice at once`);
        this.running.add(action.errand);
        this.underWay.push(action);
        return;
      case 'send-heartbeat':
        this.datagrams.push(action);
        this.underWay.push(action);
        return;
      default:
        this.underWay.push(action);
    }
  }

  answer({ index, flavour, random }: Choice): void {
    const [action] = this.underWay.splice(index % Math.max(1, this.underWay.length), 1);
    if (action === undefined) return;
    const failure = failures[flavour % failures.length] ?? 'refused';
    const isGood = flavour % 2 === 0;
    switch (action.type) {
      case 'handshake':
        return this.feed(
          isGood
            ? { type: 'handshake-succeeded', intervalMs: flavour * 1_000, returnSpreadMs: 0 }
            : { type: 'handshake-failed', failure, retryAfterMs: flavour * 100 },
          random,
        );
      case 'choose-transport': {
        const { handshakeNumber } = action;
        const transport = transports[flavour % 3] ?? 'https';
        return this.feed(
          isGood
            ? { type: 'transport-chosen', handshakeNumber, transport }
            : { type: 'transport-failed', handshakeNumber, failure, retryAfterMs: flavour * 100 },
          random,
        );
      }
      case 'send-heartbeat':
        return this.feed(this.#heartbeatEnd(action, isGood, flavour, failure), random);
      case 'start-errand': {
        const { errand, handshakeNumber } = action;
        this.running.delete(errand);
        return this.feed(
          isGood
            ? { type: 'errand-finished', errand, again: flavour % 10 === 0 }
            : { type: 'errand-failed', errand, handshakeNumber, failure, retryAfterMs: flavour * 100 },
          random,
        );
      }
      case 'farewell':
        return this.feed({ type: 'farewell-finished' }, random);
      default:
    }
  }

  #heartbeatEnd(
    { handshakeNumber, needsAnswer }: AgentAction & { readonly type: 'send-heartbeat' },
    isGood: boolean,
    flavour: number,
    failure: CallFailure,
  ): AgentEvent {
    if (!needsAnswer) return { type: 'heartbeat-sent', handshakeNumber };
    if (isGood) return acknowledge(handshakeNumber, flavour);
    return { type: 'heartbeat-failed', handshakeNumber, failure, retryAfterMs: flavour * 100 };
  }

  fireTimer(random: number): void {
    if (this.timerDelayMs === undefined) return;
    this.nowMs += this.timerDelayMs;
    this.timerDelayMs = undefined;
    this.feed({ type: 'timer-fired' }, random);
  }

  /** Invariant: until the stop there is always a timer or a call under way that leads on. */
  assertAlive(): void {
    const leads = this.underWay.some(({ type }) => type !== 'start-errand');
    assert.ok(
      this.state.phase === 'stopped' || leads || this.timerDelayMs !== undefined,
      `silent in ${JSON.stringify(this.state)}`,
    );
  }
}

function acknowledge(handshakeNumber: number, flavour: number): AgentEvent {
  return {
    type: 'heartbeat-acknowledged',
    handshakeNumber,
    nextIntervalMs: flavour * 97,
    commandsWait: flavour % 3 === 0,
    handshakeAgain: flavour % 8 === 0,
    idle: flavour % 7 === 0,
    missedByUdp: flavour % 5,
  };
}

function live(world: World, { kind, ...rest }: Choice): void {
  const choice = { kind, ...rest };
  const nudges: readonly AgentEvent[] = [
    { type: 'surroundings-changed' },
    { type: 'errand-wanted', errand: 'upload' },
    { type: 'errand-wanted', errand: 'run' },
    { type: 'errand-wanted', errand: 'work' },
    { type: 'timer-fired' },
    { type: 'errand-due', errand: 'logs' },
    { type: 'heartbeat-wanted' },
    { type: 'handshake-wanted' },
  ];
  if (kind === 'answer') world.answer(choice);
  else if (kind === 'timer') world.fireTimer(choice.random);
  else if (kind === 'nudge')
    world.feed(nudges[choice.flavour % nudges.length] ?? { type: 'timer-fired' }, choice.random);
  else {
    // An acknowledgement of some heartbeat of any handshakeNumber, late or for the second time.
    const sent = world.datagrams[choice.index % Math.max(1, world.datagrams.length)];
    if (sent?.type === 'send-heartbeat')
      world.feed(acknowledge(sent.handshakeNumber, choice.flavour), choice.random);
  }
}

test('whatever the world answers, the agent never falls silent, never doubles a call and never waits out of bounds', () => {
  fc.assert(
    fc.property(choices, (script) => {
      const world = new World();
      world.feed({ type: 'started' }, 0.5);
      world.assertAlive();
      for (const choice of script) {
        live(world, choice);
        world.assertAlive();
      }
    }),
    { numRuns: 500 },
  );
});

test('from any state a server that answers well brings the agent back to connected, and a stop ends it', () => {
  fc.assert(
    fc.property(choices, (script) => {
      const world = new World();
      world.feed({ type: 'started' }, 0.5);
      for (const choice of script) live(world, choice);
      const good: Choice = { kind: 'answer', index: 0, flavour: 2, random: 0.5 };
      for (let round = 0; round < 60 && !isSettled(world); round++) {
        if (world.underWay.length === 0) world.fireTimer(0.5);
        else world.answer(good);
      }
      assert.equal(world.state.phase, 'connected');
      world.feed({ type: 'stop-requested' }, 0.5);
      for (let round = 0; round < 60 && world.underWay.length > 0; round++) world.answer(good);
      assert.equal(world.state.phase, 'stopped');
    }),
    { numRuns: 500 },
  );
});

function isSettled(world: World): boolean {
  return world.state.phase === 'connected' && world.underWay.length === 0 && world.timerDelayMs !== undefined;
}
