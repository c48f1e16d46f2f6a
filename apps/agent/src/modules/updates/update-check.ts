import type { StateDatabase } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';

/** How the last looks for updates ended, over all ends of the process. */
export interface UpdateCheck {
  /** When signed metadata were last followed to their end. Wall time; `undefined`: never. */
  readonly checkedAt: number | undefined;
  /** Version of the snapshot that was followed then. */
  readonly catalogueVersion: number | undefined;
  /** Why they could not be followed since, and since when. */
  readonly failure: { readonly code: string; readonly text: string; readonly since: number } | undefined;
}

/** Of a state file that may be open for reading only. */
export function readUpdateCheck(database: StateDatabase): UpdateCheck {
  const { checkedAt, catalogueVersion, failure } = createStateNotes(database).find('update-check') ?? {};
  return {
    checkedAt: typeof checkedAt === 'number' ? checkedAt : undefined,
    catalogueVersion: typeof catalogueVersion === 'number' ? catalogueVersion : undefined,
    failure: readFailure(failure),
  };
}

export function saveUpdateCheck(database: StateDatabase, check: UpdateCheck): void {
  database.transaction(() => createStateNotes(database).save('update-check', { ...check }));
}

function readFailure(value: unknown): UpdateCheck['failure'] {
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, text, since } = value as Readonly<Record<string, unknown>>;
  if (typeof code !== 'string' || typeof text !== 'string' || typeof since !== 'number') return undefined;
  return { code, text, since };
}
