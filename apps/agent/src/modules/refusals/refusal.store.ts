import type { StateDatabase } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import { type GivenUp, type Refusal, refusableCalls, type RefusalRecord } from './refusal.ts';

/** Of a state file that may be open for reading only, and may have been written by another version. */
export function readRefusals(database: StateDatabase): RefusalRecord {
  const note = createStateNotes(database).find('refusals') ?? {};
  return {
    standing: listOf(note['standing']).flatMap(readRefusal),
    givenUp: listOf(note['givenUp']).flatMap(readGivenUp),
  };
}

export function saveRefusals(database: StateDatabase, record: RefusalRecord): void {
  database.transaction(() => createStateNotes(database).save('refusals', { ...record }));
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null);
}

function readRefusal({ call, code, text, since }: Readonly<Record<string, unknown>>): Refusal[] {
  const known = refusableCalls.find((one) => one === call);
  const isWhole = typeof code === 'string' && typeof text === 'string' && typeof since === 'number';
  return known === undefined || !isWhole ? [] : [{ call: known, code, text, since }];
}

function readGivenUp({ call, code, count, lastAt }: Readonly<Record<string, unknown>>): GivenUp[] {
  const known = refusableCalls.find((one) => one === call);
  const isWhole = typeof code === 'string' && typeof count === 'number' && typeof lastAt === 'number';
  return known === undefined || !isWhole ? [] : [{ call: known, code, count, lastAt }];
}
