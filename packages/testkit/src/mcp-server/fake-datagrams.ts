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
  const verified = state.verifier.verify(bytes);
  if (verified === 'notification-acknowledgement') {
    state.notificationsAcknowledged++;
    return undefined;
  }
  if (verified === 'heartbeat') return acknowledge(state, from);
  if (verified !== 'probe') return undefined;
  const key = probeKey(state.verifier.productNumber, state.verifier.epoch);
  state.probes.set(key, (state.probes.get(key) ?? 0) + 1);
  const out = new Uint8Array(limits.minDatagramBytes);
  state.verifier.acknowledgeProbe(out);
  return out;
}

/** `undefined` for a refused datagram or a replay. */
export function answerHeartbeat(state: FakeServerState, bytes: Uint8Array): Uint8Array | undefined {
  return state.verifier.verify(bytes) === 'heartbeat' ? acknowledge(state) : undefined;
}

export function probeKey(productNumber: number, epoch: number): string {
  return `${productNumber}/${epoch}`;
}

// docs/protocol.md, "What the server does with a heartbeat", from the epoch on.
function acknowledge(
  state: FakeServerState,
  from?: { readonly address: string; readonly port: number },
): Uint8Array | undefined {
  const { productNumber, epoch, sequence } = state.verifier;
  const product = [...state.products.values()].find((known) => known.productNumber === productNumber);
  const isCurrent = product?.epoch === epoch;
  if (product !== undefined && isCurrent) {
    if (sequence < product.lastSequence) return undefined;
    if (sequence > product.lastSequence) {
      product.heartbeats++;
      if (from !== undefined) product.udpAddress = { address: from.address, port: from.port };
      if (state.verifier.isGoingAway) product.goodbyes++;
      product.waitingLogEntries = state.verifier.waitingLogEntries;
      product.policyRevision = state.verifier.policyRevision;
      state.componentSetDigest = Buffer.from(state.verifier.copyComponentSetDigest()).toString('hex');
      product.activity = decodeActivity(state.verifier.listItems());
    }
    product.lastSequence = sequence;
  }
  const out = new Uint8Array(limits.minDatagramBytes);
  state.verifier.acknowledgeHeartbeat(out, {
    commandsWait: state.commandsWait,
    handshakeAgain: !isCurrent,
    idle: state.isIdle,
    nextIntervalMs: state.intervalMs,
    serverTimeMs: systemClock.now() + state.clockAheadMs,
    catalogueVersion: state.catalogueVersion,
  });
  return out;
}
