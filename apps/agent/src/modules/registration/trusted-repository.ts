import { randomUUID } from 'node:crypto';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';

/** Of an agent that was enrolled before names were kept. */
const FIRST = 'first';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/**
 * The folder name of the metadata that this agent trusts. Another server has another repository, so every enrolment begins a new one;
 * nothing else does. No answer of a server has a part in it: whoever takes over a server could make the agent forget its root.
 */
export function findTrustedRepository(database: StateDatabase): string {
  const id = createStateNotes(database).find('trusted-repository')?.['id'];
  return typeof id === 'string' && UUID.test(id) ? id : FIRST;
}

/** Within the transaction that writes the registration. */
export function beginTrustedRepository(database: StateDatabase): void {
  createStateNotes(database).save('trusted-repository', { id: randomUUID() });
}
