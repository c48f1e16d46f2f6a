import { decodeActivity, limits } from '@holdfast/protocol';
import { systemClock } from '@holdfast/kernel';
import type { FakeServerState } from './fake-server-state.ts';

/** What the server answers to a datagram; `undefined` is silence. */
export function answerDatagram(
  state: FakeServerState,
  bytes: Uint8Array,
  from: { readonly address: string; readonly port: number },
): Uint8Array | undefined {
  if (!state.faults.udpInward) return undefined;
  const opened = state.gate.open(bytes);
  if (opened === 'notification-acknowledgement') {
    state.notificationsAcknowledged++;
    return undefined;
  }
  if (opened === 'heartbeat') return acknowledge(state, from);
  if (opened !== 'probe') return undefined;
  const key = probeKey(state.gate.productNumber, state.gate.epoch);
  state.probes.set(key, (state.probes.get(key) ?? 0) + 1);
  const out = new Uint8Array(limits.minDatagramBytes);
  state.gate.acknowledgeProbe(out);
  return out;
}

/** `undefined` for a refused datagram or a replay. */
export function answerHeartbeat(state: FakeServerState, bytes: Uint8Array): Uint8Array | undefined {
  return state.gate.open(bytes) === 'heartbeat' ? acknowledge(state) : undefined;
}

export function probeKey(productNumber: number, epoch: number): string {
  return `${productNumber}/${epoch}`;
}

// docs/protocol.md, "What the server does with a heartbeat", from the epoch on.
function acknowledge(
  state: FakeServerState,
  from?: { readonly address: string; readonly port: number },
): Uint8Array | undefined {
  const { productNumber, epoch, sequence } = state.gate;
  const product = [...state.products.values()].find((known) => known.productNumber === productNumber);
  const isCurrent = product?.epoch === epoch;
  if (product !== undefined && isCurrent) {
    if (sequence < product.lastSequence) return undefined;
    if (sequence > product.lastSequence) {
      product.heartbeats++;
      if (from !== undefined) product.udpAddress = { address: from.address, port: from.port };
      if (state.gate.isGoingAway) product.goodbyes++;
      product.waitingLogEntries = state.gate.waitingLogEntries;
      product.policyRevision = state.gate.policyRevision;
      product.activity = decodeActivity(state.gate.listItems());
    }
    product.lastSequence = sequence;
  }
  const out = new Uint8Array(limits.minDatagramBytes);
  state.gate.acknowledgeHeartbeat(out, {
    commandsWait: state.commandsWait,
    handshakeAgain: !isCurrent,
    idle: state.isIdle,
    nextIntervalMs: state.intervalMs,
    serverTimeMs: systemClock.now() + state.clockAheadMs,
  });
  return out;
}
