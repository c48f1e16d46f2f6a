import { randomBytes } from 'node:crypto';
import { type Clock, createUuidV7 } from '@holdfast/kernel';

/** A name that no other journal has. A clock before 1970 only makes it look older. */
export function createJournalId(clock: Clock): string {
  return createUuidV7(Math.max(0, clock.now()), randomBytes(10));
}
