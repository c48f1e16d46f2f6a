import { randomBytes } from 'node:crypto';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import type { AuditRecord } from '../platform/audit/audit.ts';
import { createAuditRecorder } from '../platform/audit/audit-recorder.ts';
import { type ConnectionSettings, createDatabase, inTransaction } from '../platform/database/index.ts';

const MAX_WAIT_MS = 5_000;

/**
 * Writes into the audit log of the given database that it was saved or came from a backup. Whoever can read all of it
 * should not be able to do so without a trace for the administrators of the server.
 */
export async function recordBackup(
  connection: ConnectionSettings,
  record: Omit<AuditRecord, 'objectKind'>,
): Promise<void> {
  const clock = systemClock;
  const createId = (): string => createUuidV7(clock.now(), randomBytes(10));
  const recordAuditEntry = createAuditRecorder({ clock, createId });
  const opened = createDatabase({ connection, maxConnections: 1, maxWaitMs: MAX_WAIT_MS });
  try {
    await inTransaction(opened.db, async (transaction) => {
      const system = { kind: 'system', name: 'Holdfast' } as const;
      await recordAuditEntry(transaction, system, { ...record, objectKind: 'backup' });
    });
  } finally {
    await opened.close();
  }
}
