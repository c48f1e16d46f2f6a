import type { LogWriter } from '../logs/index.ts';
import { type StateDatabase, withinTransaction } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import type { DiskFacts } from './inventory-facts.ts';

export interface EncryptionWatch {
  /** Compares with what was last seen, and reports what changed. A disk that is new is only remembered. */
  look(disks: readonly DiskFacts[]): void;
}

/** Remembers the encryption state of each disk that stays in the computer, over restarts too. */
export function createEncryptionWatch(database: StateDatabase, events: LogWriter): EncryptionWatch {
  const notes = createStateNotes(database);
  return {
    look: (disks) => {
      const known = notes.find('disk-encryption') ?? {};
      const fixed = disks.filter(
        ({ isRemovable, exemption }) => isRemovable !== true && exemption === undefined,
      );
      const found = Object.fromEntries(fixed.map(({ name, encryption }) => [name, encryption]));
      if (JSON.stringify(found) === JSON.stringify(known)) return;
      // Both or neither: a change is told once.
      withinTransaction(database, () => {
        for (const { name, encryption } of fixed) {
          const from = known[name];
          if (typeof from !== 'string' || from === encryption) continue;
          const severity = encryption === 'encrypted' ? 'notice' : 'warning';
          events.record('disk-encryption-changed', { disk: name, from, to: encryption }, { severity });
        }
        notes.save('disk-encryption', found);
      });
    },
  };
}
