import { limits } from '@holdfast/protocol';

/** A start of a product that made a handshake. */
export interface KnownInstance {
  readonly instance: string;
  readonly isRefused: boolean;
  readonly hardwareId: string | null;
  /** Epochs of its first and its last handshake. */
  readonly firstEpoch: number;
  readonly lastEpoch: number;
  /** When the challenge of its last handshake was made. */
  readonly challengedAtMs: number;
  readonly firstSeenAtMs: number;
}

export interface ArrivingInstance {
  readonly instance: string;
  readonly hardwareId: string | null;
  readonly challengedAtMs: number;
}

export type InstanceVerdict =
  /** `isHardwareNew`: the record takes over the hardware that this instance reports. */
  | { readonly kind: 'admitted'; readonly isHardwareNew: boolean }
  /** Both live: the arriving one stays, the present one goes. */
  | { readonly kind: 'admitted-instead'; readonly refused: string }
  /** `isNews`: this is the moment in which two computers with one key are noticed. */
  | { readonly kind: 'refused'; readonly isNews: boolean }
  /** A request that was under way while the next start of the product took its place. */
  | { readonly kind: 'late' };

/** New hardware becomes that of the record when the old one has been silent for so long. */
const HARDWARE_TAKEN_OVER_MS = 86_400_000;

/**
 * What a handshake of this instance means (docs/protocol.md 9.1). An instance that comes back after another one had taken
 * its place shows that both live: a restart never brings an old instance back.
 *
 * Invariant: of two that share a key, one is admitted and goes on being admitted.
 */
export function judgeInstance(
  known: readonly KnownInstance[],
  arriving: ArrivingInstance,
  record: { readonly hardwareId: string | null; readonly nowMs: number },
): InstanceVerdict {
  const own = known.find(({ instance }) => instance === arriving.instance);
  if (own?.isRefused === true) return { kind: 'refused', isNews: false };
  const isForeign = arriving.hardwareId !== null && arriving.hardwareId !== record.hardwareId;
  const isKnownCopy = known.some((it) => it.isRefused && it.hardwareId === arriving.hardwareId);
  // Started anew, a copy is a copy still: its hardware tells, as long as it is not that of the record.
  if (own === undefined && isForeign && isKnownCopy) return { kind: 'refused', isNews: false };
  const inPlace = findInPlace(known);
  if (inPlace === undefined) return { kind: 'admitted', isHardwareNew: false };
  if (inPlace.instance === arriving.instance) {
    const isSettled = record.nowMs - inPlace.firstSeenAtMs >= HARDWARE_TAKEN_OVER_MS;
    return { kind: 'admitted', isHardwareNew: isForeign && isSettled };
  }
  // Challenges are made in the order of the starts that asked for them. An older one than that of the instance in place comes
  // from a start that is over, or from a copy, which asks again. Beyond their lifetime the clock was set back.
  const lateMs = inPlace.challengedAtMs - arriving.challengedAtMs;
  if (lateMs > 0 && lateMs <= limits.challengeLifetimeMs) return { kind: 'late' };
  if (own === undefined) return { kind: 'admitted', isHardwareNew: false };
  const belongs = (it: { readonly hardwareId: string | null }): boolean =>
    it.hardwareId !== null && it.hardwareId === record.hardwareId;
  const isArrivingKept =
    belongs(arriving) === belongs(inPlace) ? own.firstEpoch < inPlace.firstEpoch : belongs(arriving);
  return isArrivingKept
    ? { kind: 'admitted-instead', refused: inPlace.instance }
    : { kind: 'refused', isNews: true };
}

function findInPlace(known: readonly KnownInstance[]): KnownInstance | undefined {
  return known
    .filter((it) => !it.isRefused)
    .reduce<KnownInstance | undefined>(
      (last, it) => (last === undefined || it.lastEpoch > last.lastEpoch ? it : last),
      undefined,
    );
}
