import { join } from 'node:path';
import { systemClock } from '@holdfast/kernel';
import { createOfflineLogWriter } from '@holdfast/agent/src/modules/logs/index.ts';
import { openStateDatabaseOfOther, type StateDatabase } from '@holdfast/agent/src/platform/state-database.ts';
import { stateVersion } from '@holdfast/agent/src/state-version.ts';

export interface JournalFacts {
  readonly id: string;
  /** Of the newest entry that was ever written. */
  readonly lastSequence: number;
  /** Entries that the server has not acknowledged. */
  readonly entryCount: number;
  readonly droppedCount: number;
}

/** The journals of an agent, beside the process that works on them or its corpse. */
export interface AgentJournals {
  /** Writes entries in one transaction. False when the agent held the file just then, and so nothing was written. */
  write(marks: readonly string[], fillerLength: number): boolean;
  read(): JournalFacts[];
  /** Entries that the server has acknowledged, of all journals. */
  countAcknowledged(): number;
  close(): void;
}

export function openAgentJournals(agentHome: string): AgentJournals {
  const database = openStateDatabaseOfOther(join(agentHome, 'state.sqlite'), stateVersion);
  if (database === undefined) throw new Error(`There is no state of this version in ${agentHome}.`);
  const events = createOfflineLogWriter(database, systemClock);
  const read = (): JournalFacts[] => readAgentJournals(database);
  return {
    write(marks, fillerLength) {
      try {
        database.transaction(() => {
          for (const mark of marks)
            events.record('address-changed', { mark, filler: 'x'.repeat(fillerLength) });
        });
        return true;
      } catch (error) {
        if (isBusy(error)) return false;
        throw error;
      }
    },
    read,
    countAcknowledged: () =>
      read().reduce((sum, { lastSequence, entryCount }) => sum + lastSequence - entryCount, 0),
    close: () => database.close(),
  };
}

export function readAgentJournals({ connection }: StateDatabase): JournalFacts[] {
  const rows = connection
    .prepare('SELECT id, last_sequence, entry_count, dropped_count FROM log_journal ORDER BY name')
    .all();
  return rows.map((row) => ({
    id: String(row['id']),
    lastSequence: Number(row['last_sequence']),
    entryCount: Number(row['entry_count']),
    droppedCount: Number(row['dropped_count']),
  }));
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : 0;
  return (code & 0xff) === SQLITE_BUSY;
}
