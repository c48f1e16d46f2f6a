import type { Clock } from '@holdfast/kernel';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createLog } from '../../platform/log.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import { createJournalId } from './journal-id.ts';
import { createJournals } from './journals.service.ts';

/** For a process that does not talk to the server: its entries are sent by the agent that runs, or by the next one. */
export function createOfflineLogWriter(database: StateDatabase, clock: Clock): LogWriter {
  return createLogWriter({
    database,
    journals: createJournals({ database, clock, createId: () => createJournalId(clock) }),
    clock,
    log: createLog({ clock, level: 'error', write: () => undefined }),
    findLevel: () => 'info',
    onEntry: () => undefined,
  });
}
