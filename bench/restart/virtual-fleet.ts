import { planReturnSpreadMs } from '../../apps/server/src/modules/presence/load-gauge.ts';
import { drawAt, DrawPurpose } from '../../packages/testkit/src/fleet/draw.ts';
import { ProductColumns } from '../../packages/testkit/src/fleet/product-columns.ts';
import {
  type CallName,
  initialProductState,
  Phase,
  type ProductAction,
  type ProductEvent,
} from '../../packages/testkit/src/fleet/product-state.ts';
import { stepProduct } from '../../packages/testkit/src/fleet/product-step.ts';
import { TimingWheel } from '../../packages/testkit/src/fleet/timing-wheel.ts';
import { Arrivals } from './arrivals.ts';

const tickMs = 50;
/** The fleet runs so long before the server goes away, in intervals: what is left of the start has gone by then. */
const warmUpIntervals = 3;

export interface VirtualRestart {
  readonly products: number;
  readonly intervalMs: number;
  /** From the first call that is not answered until the first that is. */
  readonly awayMs: number;
  /** How long is watched after the return. */
  readonly watchedMs: number;
  readonly transport: 'udp-acknowledged' | 'https';
}

/**
 * Plays a restart of the server in virtual time: connected products decide with the code that the simulated fleet decides with,
 * and a server that answers at once counts what arrives. Everything that takes time in reality but is no decision takes none.
 */
export function playRestart(restart: VirtualRestart): Arrivals {
  const { products, intervalMs, awayMs, watchedMs, transport } = restart;
  const columns = new ProductColumns(products);
  const wheel = new TimingWheel({ items: products, tickMs, slots: 65_536 });
  const draws = new Uint32Array(products);
  const arrivals = new Arrivals();
  const traits = { usesUdp: transport !== 'https', obeysCommands: false, forcedIntervalMs: undefined };
  const leavesAtMs = warmUpIntervals * intervalMs;
  const returnsAtMs = leavesAtMs + awayMs;
  let nowMs = 0;

  const draw = (index: number): number => {
    draws[index] = (draws[index] ?? 0) + 1;
    return drawAt(1, index, DrawPurpose.pacing, draws[index] ?? 0);
  };
  const dispatch = (index: number, event: ProductEvent): void => {
    const step = stepProduct(columns.load(index), event, traits, () => draw(index));
    columns.store(index, step.state);
    if (step.timer === 'none') wheel.cancel(index);
    else if (step.timer !== 'keep') wheel.schedule(index, nowMs + step.timer);
    for (const action of step.actions) answer(index, action);
  };
  const answer = (index: number, action: ProductAction): void => {
    const isAway = nowMs >= leavesAtMs && nowMs < returnsAtMs;
    if (nowMs >= returnsAtMs) arrivals.record((nowMs - returnsAtMs) / 1_000);
    if (!isAway) {
      dispatch(index, answers(action, intervalMs));
      return;
    }
    const call = findFailedCall(action);
    if (call !== undefined) {
      dispatch(index, { type: 'failed', failure: { call, kind: 'unreachable', retryAfterMs: 0 } });
    }
  };

  for (let index = 0; index < products; index += 1) {
    columns.store(index, {
      ...initialProductState,
      phase: Phase.connected,
      isStarted: true,
      transport,
      intervalMs,
      returnSpreadMs: planReturnSpreadMs(products),
      isFirstInterval: false,
    });
    wheel.schedule(index, draw(index) * intervalMs);
  }
  for (; nowMs < returnsAtMs + watchedMs; nowMs += tickMs)
    wheel.advance(nowMs, (index) => dispatch(index, { type: 'timer' }));
  return arrivals;
}

/** What a server that is there says at once. A product that is connected asks for nothing else. */
function answers(action: ProductAction, intervalMs: number): ProductEvent {
  switch (action.type) {
    case 'heartbeat':
      return {
        type: 'acknowledged',
        by: action.by,
        commandsWait: false,
        handshakeAgain: false,
        nextIntervalMs: intervalMs,
      };
    case 'probe':
      return { type: 'probe-acknowledged' };
    case 'choose-transport':
      return { type: 'transport-chosen', transport: 'udp-acknowledged' };
    default:
      throw new Error(`A connected product wanted to ${action.type}.`);
  }
}

/** A datagram that nobody answers is only silence; a call by HTTPS fails. */
function findFailedCall(action: ProductAction): CallName | undefined {
  if (action.type === 'choose-transport') return 'transport';
  return action.type === 'heartbeat' && action.by === 'https' ? 'heartbeat' : undefined;
}

/**
 * The reference: agents that hold a connection, see at once that it has ended, try again at a fixed pace, and report at a fixed
 * interval from then on.
 */
export function playNaiveRestart(restart: VirtualRestart & { readonly retryMs: number }): Arrivals {
  const { products, intervalMs, awayMs, watchedMs, retryMs } = restart;
  const arrivals = new Arrivals();
  const returnMs = Math.ceil(awayMs / retryMs) * retryMs - awayMs;
  for (let atMs = returnMs; atMs < watchedMs; atMs += intervalMs) arrivals.record(atMs / 1_000, products);
  return arrivals;
}
