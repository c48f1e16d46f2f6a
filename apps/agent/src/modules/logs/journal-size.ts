import type { StateDatabase } from '../../platform/state-database.ts';
import { createJournalStore } from './journal.store.ts';
import type { JournalName } from './log-event.ts';

/** How full a journal is. */
export interface JournalSize {
  readonly entryCount: number;
  readonly entryBytes: number;
  /** Dropped because it was full, ever. */
  readonly droppedCount: number;
}

const empty: JournalSize = { entryCount: 0, entryBytes: 0, droppedCount: 0 };

/** The state file may be open for reading only, and may have no journals yet. */
export function readJournalSizes(database: StateDatabase): Readonly<Record<JournalName, JournalSize>> {
  const store = createJournalStore(database);
  const read = (name: JournalName): JournalSize => {
    const found = store.find(name);
    if (found === undefined) return empty;
    const { entryCount, entryBytes, droppedCount } = found;
    return { entryCount, entryBytes, droppedCount };
  };
  return { security: read('security'), general: read('general') };
}
