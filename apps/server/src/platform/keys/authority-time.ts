import type { AuthorityPhase } from '@holdfast/api';
import { isPlausibleTime, releasedAtMs } from '@holdfast/kernel';
import type { TrustedAuthority } from './authority-keeper.ts';
import { KeysError } from './keys.errors.ts';

const DAY_MS = 86_400_000;
/** So long before its end the next authority is made: whoever is switched on once a year learns of it. */
const PREPARE_MS = 730 * DAY_MS;
/** From here on people are told. */
const ALARM_MS = 365 * DAY_MS;
/** From here on it is late: the next one takes over although not every product knows it. */
const URGENT_MS = 90 * DAY_MS;

/** How near the end of an authority is. */
export function phaseOf(
  { beginsAtMs, endsAtMs }: Pick<TrustedAuthority, 'beginsAtMs' | 'endsAtMs'>,
  nowMs: number,
): AuthorityPhase {
  if (!(nowMs >= beginsAtMs)) return 'not-yet-valid';
  const leftMs = endsAtMs - nowMs;
  if (!(leftMs > 0)) return 'ended';
  if (leftMs <= URGENT_MS) return 'ends-very-soon';
  if (leftMs <= ALARM_MS) return 'ends-soon';
  return leftMs <= PREPARE_MS ? 'renewal-due' : 'good';
}

/**
 * Whether the clock can be right. Nothing is signed by one that is certainly wrong: what it signs is valid for nobody.
 *
 * @throws KeysError CLOCK_IMPLAUSIBLE
 */
export function assertPlausibleClock(nowMs: number): void {
  if (isPlausibleTime(nowMs)) return;
  throw new KeysError(
    'CLOCK_IMPLAUSIBLE',
    `The clock of this computer is wrong: it says ${toText(nowMs)}, which is before this release of Holdfast was made (${toText(releasedAtMs)}).`,
    {
      retry: 'safe',
      facts: { clock: toText(nowMs), notBefore: toText(releasedAtMs) },
      remedy: 'Set the clock (for example with timedatectl), then start again. Nothing was made or changed.',
    },
  );
}

/**
 * Whether certificates of this authority can be valid now. Which clock is wrong is not known here, so both ways out are named.
 *
 * @throws KeysError AUTHORITY_ENDED, AUTHORITY_NOT_YET_VALID
 */
export function assertAuthorityValid(authority: TrustedAuthority, nowMs: number): void {
  const facts = {
    clock: toText(nowMs),
    beginsAt: toText(authority.beginsAtMs),
    endsAt: toText(authority.endsAtMs),
  };
  const phase = phaseOf(authority, nowMs);
  if (phase === 'not-yet-valid') {
    throw new KeysError(
      'AUTHORITY_NOT_YET_VALID',
      `The authority of this server begins at ${facts.beginsAt}, but the clock says ${facts.clock}: it was made while the clock was ahead, or the clock is behind now.`,
      {
        facts,
        remedy:
          'If the clock is right now, run `holdfast authority renew --now`; devices follow by themselves. If it is not, set it and start again.',
      },
    );
  }
  if (phase !== 'ended') return;
  throw new KeysError(
    'AUTHORITY_ENDED',
    `The authority of this server ended at ${facts.endsAt}; the clock says ${facts.clock}.`,
    {
      facts,
      remedy:
        'If the clock is right, run `holdfast authority renew --now`; devices follow by themselves. If it is not, set it and start again.',
    },
  );
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}
