import type { Clock } from '@holdfast/kernel';
import { createOfflineLogWriter } from '../modules/logs/index.ts';
import { openStateDatabaseOfOther } from '../platform/state-database.ts';
import type { StateFolder } from '../platform/state-folder.ts';
import { createStateNotes } from '../platform/state-note.ts';
import { stateVersion } from '../state-version.ts';

const MIN_GAP_MS = 3_600_000;

/** Leaves an entry for the agent that runs, which sends it. Whatever goes wrong here is less than why it is left. */
export function reportRefusedInstance(folder: StateFolder, clock: Clock): void {
  try {
    const database = openStateDatabaseOfOther(folder.databasePath, stateVersion);
    if (database === undefined) return;
    try {
      const notes = createStateNotes(database);
      const events = createOfflineLogWriter(database, clock);
      database.transaction(() => {
        const lastAt = notes.find('instance-refused')?.['at'];
        if (typeof lastAt === 'number' && Math.abs(clock.now() - lastAt) < MIN_GAP_MS) return;
        events.record('another-instance-refused', { processId: process.pid });
        notes.save('instance-refused', { at: clock.now() });
      });
    } finally {
      database.close();
    }
  } catch {
    // The refusal itself is what the person at the computer has to read.
  }
}
