import { createStateNotes } from '../../platform/state-note.ts';
import type { StateDatabase } from '../../platform/state-database.ts';

/** An enrolment that has not come to its end: what it waits for, or that the server has refused it. */
export interface EnrolmentWaiting {
  readonly reason: 'admission' | 'server' | 'refused';
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number;
  /** `undefined` while there is no key yet. */
  readonly keyThumbprint?: string | undefined;
  readonly addresses: readonly string[];
  /** Of the failure or refusal. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly remedy?: string | undefined;
}

/** Keeps since when it waits for the same thing. */
export function saveWaiting(database: StateDatabase, waiting: EnrolmentWaiting): void {
  const known = findWaiting(database);
  const { reason, code } = waiting;
  const isSame =
    known?.reason === reason &&
    known.code === code &&
    known.keyThumbprint === waiting.keyThumbprint &&
    known.addresses.join() === waiting.addresses.join();
  if (isSame) return;
  database.transaction(() => createStateNotes(database).save('enrolment-waiting', { ...waiting }));
}

export function findWaiting(database: StateDatabase): EnrolmentWaiting | undefined {
  const note = createStateNotes(database).find('enrolment-waiting');
  if (note === undefined) return undefined;
  const { reason, sinceMs, addresses } = note;
  if (reason !== 'admission' && reason !== 'server' && reason !== 'refused') return undefined;
  const text = (name: string): string | undefined => {
    const value = note[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    reason,
    sinceMs: typeof sinceMs === 'number' ? sinceMs : 0,
    keyThumbprint: text('keyThumbprint'),
    addresses: Array.isArray(addresses) ? addresses.filter((one) => typeof one === 'string') : [],
    code: text('code'),
    message: text('message'),
    remedy: text('remedy'),
  };
}
