/**
 * What the agent tells the server about itself: two journals in the state file, and their upload. Promises that a kept
 * entry is on disk, is handed out until the server has acknowledged it and never again after that; that security entries go
 * first; that both journals stay within bounds, and say what they had to drop. What happened is decided by who records it.
 */
export { createAgreementWatch } from './agreement-watch.ts';
export { createLogWriter, type LogWriter } from './log-writer.ts';
export { createJournalId } from './journal-id.ts';
export { createOfflineLogWriter } from './offline-log-writer.ts';
export {
  createJournals,
  defaultJournalBounds,
  type JournalBounds,
  type Journals,
} from './journals.service.ts';
export { type JournalSize, readJournalSizes } from './journal-size.ts';
export { JournalName, journalNames, type LogEventType } from './log-event.ts';
export { createLogLevelSetting, type LogLevelSetting } from './log-level.ts';
export { createLastRun, createRunRecord, LastRunEnd, StopReason } from './run-record.ts';
export { createServerWatch } from './server-watch.ts';
export { createLogDelivery, type LogDelivery } from './log-delivery.ts';
