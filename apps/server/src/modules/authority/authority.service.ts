import type { SystemState } from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import type { JobResult } from '../../platform/jobs/jobs.ts';
import type { TrustedAuthority } from '../../platform/keys/authority-keeper.ts';
import { assertAuthorityValid, assertPlausibleClock, phaseOf } from '../../platform/keys/authority-time.ts';
import type { Platform } from '../../platform/platform.ts';
import { findKnown, saveKnown } from './authority.store.ts';
import { isAlarmDue, isSwitchDue } from './switch-time.ts';

export interface AuthorityParts {
  readonly platform: Pick<
    Platform,
    | 'clock'
    | 'clockWitness'
    | 'database'
    | 'events'
    | 'jobs'
    | 'keys'
    | 'log'
    | 'metrics'
    | 'recordAuditEntry'
    | 'recordEvents'
    | 'server'
  >;
  /** Products in use that said that they trust an authority, and the others. */
  readonly countTrusting: (
    fingerprint: string,
  ) => Promise<{ readonly known: number; readonly unknown: number }>;
}

export type AuthorityView = SystemState['authority'];

const DAY_MS = 86_400_000;
/** Counting looks at every product: an open page must not do it again and again. */
const COUNT_LIFE_MS = 60_000;
const system: Actor = { kind: 'system', name: 'Holdfast' };

export class AuthorityService {
  readonly #parts: AuthorityParts;
  #counted:
    | {
        readonly fingerprint: string;
        readonly atMs: number;
        readonly known: number;
        readonly unknown: number;
      }
    | undefined;

  constructor(parts: AuthorityParts) {
    this.#parts = parts;
  }

  /** What another program has changed while no server ran is told, and so is an end that is near. */
  async start(): Promise<void> {
    await this.#tellChange();
    await this.#alarm(this.#now());
  }

  /** @throws KeysError CLOCK_IMPLAUSIBLE, AUTHORITY_ENDED, AUTHORITY_NOT_YET_VALID: nothing can be done about it from here */
  async check(): Promise<JobResult> {
    const { platform } = this.#parts;
    const { authorities } = platform.keys;
    const nowMs = this.#now();
    assertPlausibleClock(nowMs);
    if (authorities.isOwn && (await platform.clockWitness.isBelievable())) await this.#renew(nowMs);
    await this.#tellChange();
    await this.#alarm(nowMs);
    assertAuthorityValid(authorities.current, nowMs);
    return {
      'ends at': new Date(authorities.current.endsAtMs).toISOString(),
      state: phaseOf(authorities.current, nowMs),
      next: authorities.next?.fingerprint ?? 'none',
    };
  }

  async describe(): Promise<AuthorityView> {
    const { authorities } = this.#parts.platform.keys;
    const { isOwn, current, next } = authorities;
    return {
      isOwn,
      beginsAt: toText(current.beginsAtMs),
      expiresAt: toText(current.endsAtMs),
      phase: phaseOf(current, this.#now()),
      next: next === undefined ? null : await this.#describeNext(next),
    };
  }

  async #renew(nowMs: number): Promise<void> {
    const { authorities } = this.#parts.platform.keys;
    await authorities.reload();
    const phase = phaseOf(authorities.current, nowMs);
    if (phase !== 'good' && phase !== 'not-yet-valid') await authorities.prepareNext(nowMs);
    const { next } = authorities;
    if (next === undefined) return;
    const { unknown: unknownTo } = await this.#count(next.fingerprint);
    if (isSwitchDue({ phase, nextBeginsAtMs: next.beginsAtMs, unknownTo, nowMs }))
      await authorities.switchToNext();
  }

  async #alarm(nowMs: number): Promise<void> {
    const { database, keys, log, recordEvents } = this.#parts.platform;
    const { current, isOwn } = keys.authorities;
    const phase = phaseOf(current, nowMs);
    if (phase === 'good' || phase === 'renewal-due') return;
    const endsAt = toText(current.endsAtMs);
    const daysLeft = Math.floor((current.endsAtMs - nowMs) / DAY_MS);
    const level = phase === 'ends-soon' ? 'warn' : 'error';
    log[level](
      { phase, endsAt, daysLeft, isOwn },
      'the authority that devices trust is near its end or outside its time; holdfast authority show says what to do',
    );
    if (!isAlarmDue(phase, daysLeft)) return;
    await inTransaction(database, async (transaction) => {
      await recordEvents(transaction, {
        type: 'authority.ends-soon',
        objectId: current.fingerprint,
        data: { endsAt, daysLeft, isOwn },
      });
    });
  }

  /** The files of the authority change without the database: what has changed in them is written down once it is there to be seen. */
  async #tellChange(): Promise<void> {
    const { database, keys, recordAuditEntry, recordEvents } = this.#parts.platform;
    const { current, next } = keys.authorities;
    await inTransaction(database, async (transaction) => {
      const known = await findKnown(transaction);
      const nextFingerprint = next?.fingerprint ?? null;
      if (known?.current === current.fingerprint && known.next === nextFingerprint) return;
      await saveKnown(
        transaction,
        { current: current.fingerprint, next: nextFingerprint },
        new Date(this.#now()),
      );
      const about = { objectKind: 'authority', objectName: 'authority' } as const;
      if (next !== undefined && known?.next !== next.fingerprint) {
        const data = { endsAt: toText(next.endsAtMs) };
        await recordEvents(transaction, { type: 'authority.prepared', objectId: next.fingerprint, data });
        await recordAuditEntry(transaction, system, {
          ...about,
          action: 'authority.prepared',
          objectId: next.fingerprint,
          details: data,
        });
      }
      if (known === undefined || known.current === current.fingerprint) return;
      const data = { former: known.current, endsAt: toText(current.endsAtMs) };
      await recordEvents(transaction, { type: 'authority.changed', objectId: current.fingerprint, data });
      await recordAuditEntry(transaction, system, {
        ...about,
        action: 'authority.changed',
        objectId: current.fingerprint,
        details: data,
      });
    });
  }

  async #describeNext(next: TrustedAuthority): Promise<NonNullable<AuthorityView['next']>> {
    const { known, unknown } = await this.#count(next.fingerprint);
    return {
      fingerprint: next.fingerprint,
      expiresAt: toText(next.endsAtMs),
      knownBy: known,
      unknownTo: unknown,
    };
  }

  async #count(fingerprint: string): Promise<{ readonly known: number; readonly unknown: number }> {
    const atMs = this.#parts.platform.clock.monotonic();
    const before = this.#counted;
    if (before?.fingerprint === fingerprint && atMs - before.atMs < COUNT_LIFE_MS) return before;
    this.#counted = { fingerprint, atMs, ...(await this.#parts.countTrusting(fingerprint)) };
    return this.#counted;
  }

  #now(): number {
    return this.#parts.platform.clock.now();
  }
}

function toText(ms: number): string {
  return new Date(ms).toISOString();
}
