import type { LanDatagram } from '../lan/lan-datagram.ts';
import { noIpv4, noIpv6 } from '../lan/lan-datagram.ts';
import { createParticipant, type Participant, type Utterance } from './participant.ts';
import { ElectionPhase } from './election-state.ts';

/** Mulberry32: small, quick, and the same on every machine. */
export function createSeededChance(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface LanWeather {
  /** Share of datagrams that a receiver does not get. */
  readonly loss: number;
  readonly duplicates: number;
  /** True: only what is sent to all arrives. */
  readonly isUnicastBlocked?: boolean;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

export const fairWeather: LanWeather = { loss: 0, duplicates: 0, minDelayMs: 1, maxDelayMs: 5 };

export interface SimulatedAgent {
  readonly productNumber: number;
  readonly participant: Participant;
  fitness: number;
  /** Agents hear each other when they are on the same side of a split. */
  side: number;
  isAlive: boolean;
  /** It does nothing, as a computer that sleeps, and hears late what came meanwhile. */
  isFrozen: boolean;
  readonly inbox: (() => void)[];
  /** What is left of the start of its monotonic clock, and how fast it goes. */
  readonly offsetMs: number;
  readonly rate: number;
}

export interface SimulatedLan {
  readonly nowMs: number;
  readonly agents: readonly SimulatedAgent[];
  weather: LanWeather;
  /** What was said to all, and to one, since the start. */
  readonly sent: { toAll: number; toOne: number };
  /** Everything that was said to all, in order: what a stranger can record. */
  readonly recorded: LanDatagram[];
  /** Times at which agents became active, and stopped being it. */
  readonly changes: {
    readonly atMs: number;
    readonly productNumber: number;
    readonly term: number | undefined;
  }[];
  add(fitness: number): SimulatedAgent;
  kill(agent: SimulatedAgent): void;
  /** A process after one that ended. */
  restart(agent: SimulatedAgent): SimulatedAgent;
  freeze(agent: SimulatedAgent): void;
  thaw(agent: SimulatedAgent): void;
  setFitness(agent: SimulatedAgent, fitness: number): void;
  /** A stranger, or an agent that lies, says this to everybody of a side. */
  inject(datagram: LanDatagram, side?: number): void;
  /** Lets time pass. `look` is called after every event. */
  run(forMs: number, look?: () => void): void;
  listActive(side?: number): SimulatedAgent[];
}

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
}

/** A whole LAN in one process and in no time: the real participants, a network that loses, delays and repeats, and clocks that differ. */
export function createSimulatedLan(seed: number): SimulatedLan {
  const random = createSeededChance(seed);
  const agents: SimulatedAgent[] = [];
  const queue: Planned[] = [];
  let nowMs = 0;
  let order = 0;
  let instances = 0;
  const wakes = new Map<SimulatedAgent, number>();

  const plan = (atMs: number, act: () => void): void => {
    const planned = { atMs, order: order++, act };
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = queue[middle] as Planned;
      if (other.atMs > atMs) low = middle + 1;
      else high = middle;
    }
    // Sorted by falling time, so that the next one is taken from the end.
    queue.splice(low, 0, planned);
  };

  const deliver = (from: SimulatedAgent | undefined, to: SimulatedAgent, datagram: LanDatagram): void => {
    const { loss, duplicates, minDelayMs, maxDelayMs } = lan.weather;
    if (random() < loss) return;
    const copies = random() < duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const atMs = nowMs + minDelayMs + random() * (maxDelayMs - minDelayMs);
      const arrive = (): void => {
        if (!to.isAlive || (from !== undefined && from.side !== to.side)) return;
        if (to.isFrozen) {
          // As much as the system keeps for a process that does not read.
          if (to.inbox.length < 200) to.inbox.push(arrive);
          return;
        }
        source = from;
        to.participant.hear(datagram);
        settle(to);
      };
      plan(atMs, arrive);
    }
  };

  /** The sender of the datagram that is being heard. */
  let source: SimulatedAgent | undefined;

  const settle = (agent: SimulatedAgent): void => {
    const { deadlineMs } = agent.participant;
    if (!Number.isFinite(deadlineMs)) return;
    // A little late, as every timer, so that rounding does not make it early.
    const atMs = Math.max(nowMs, toWorld(agent, deadlineMs)) + 0.01;
    if ((wakes.get(agent) ?? Infinity) <= atMs) return;
    wakes.set(agent, atMs);
    plan(atMs, () => {
      if (!agent.isAlive) return;
      if (wakes.get(agent) === atMs) wakes.delete(agent);
      if (agent.isFrozen) return;
      if (readClock(agent) >= agent.participant.deadlineMs) agent.participant.wake();
      settle(agent);
    });
  };

  const readClock = ({ offsetMs, rate }: SimulatedAgent): number => offsetMs + nowMs * rate;
  const toWorld = ({ offsetMs, rate }: SimulatedAgent, ms: number): number => (ms - offsetMs) / rate;

  const create = (productNumber: number, fitness: number, side: number): SimulatedAgent => {
    instances++;
    const instance = instances.toString(16).padStart(16, '0');
    let sequence = 0;
    let nonces = 0;
    const complete = (utterance: Utterance): LanDatagram => ({
      ...utterance,
      productNumber,
      instance,
      sequence: ++sequence,
      port: 4_000,
      revision: 1,
      urgentRevision: 0,
      ipv4: noIpv4,
      ipv6: noIpv6,
    });
    const note = (term: number | undefined): void => {
      lan.changes.push({ atMs: nowMs, productNumber, term });
    };
    const agent: SimulatedAgent = {
      productNumber,
      fitness,
      side,
      isAlive: true,
      isFrozen: false,
      inbox: [],
      offsetMs: Math.floor(random() * 1e7),
      rate: 0.99 + random() * 0.02,
      participant: createParticipant({
        productNumber,
        instance,
        fitness,
        clock: { monotonic: () => readClock(agent) },
        random,
        createNonce: () => `${instance.slice(8)}${(++nonces).toString(16).padStart(8, '0')}`,
        say: (utterance) => {
          const datagram = complete(utterance);
          lan.sent.toAll++;
          lan.recorded.push(datagram);
          for (const other of agents)
            if (other !== agent && other.side === agent.side) deliver(agent, other, datagram);
        },
        sayBack: (utterance) => {
          const datagram = complete(utterance);
          lan.sent.toOne++;
          if (source !== undefined && lan.weather.isUnicastBlocked !== true) deliver(agent, source, datagram);
        },
        onActive: note,
        onStepDown: () => note(undefined),
        onFollow: () => undefined,
      }),
    };
    agents.push(agent);
    agent.participant.start();
    settle(agent);
    return agent;
  };

  const lan: SimulatedLan = {
    get nowMs() {
      return nowMs;
    },
    agents,
    weather: fairWeather,
    sent: { toAll: 0, toOne: 0 },
    recorded: [],
    changes: [],
    add: (fitness) => create(agents.length + 1, fitness, 0),
    kill: (agent) => {
      agent.isAlive = false;
      agents.splice(agents.indexOf(agent), 1);
    },
    restart: ({ productNumber, fitness, side }) => create(productNumber, fitness, side),
    freeze: (agent) => {
      agent.isFrozen = true;
    },
    thaw: (agent) => {
      if (!agent.isFrozen) return;
      agent.isFrozen = false;
      // Timers first, as in the runtime; then what waited.
      agent.participant.wake();
      settle(agent);
      for (const arrive of agent.inbox.splice(0)) arrive();
    },
    setFitness: (agent, fitness) => {
      agent.fitness = fitness;
      agent.participant.setFitness(fitness);
      settle(agent);
    },
    inject: (datagram, side = 0) => {
      for (const agent of agents) if (agent.side === side) deliver(undefined, agent, datagram);
    },
    run: (forMs, look) => {
      const endAtMs = nowMs + forMs;
      for (;;) {
        const next = queue.at(-1);
        if (next === undefined || next.atMs > endAtMs) break;
        queue.pop();
        nowMs = Math.max(nowMs, next.atMs);
        next.act();
        look?.();
      }
      nowMs = endAtMs;
    },
    listActive: (side = 0) =>
      agents.filter(
        (agent) =>
          agent.side === side && !agent.isFrozen && agent.participant.state.phase === ElectionPhase.active,
      ),
  };
  return lan;
}
