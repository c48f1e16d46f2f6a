import type { AuditAction, AuditObjectKind } from '@holdfast/api';
import type { Actor } from '../access/actor.ts';
import type { Transaction } from '../database/database.ts';
import type { RequestFacts } from '../http/route-registrar.ts';

export interface AuditRecord {
  readonly action: AuditAction;
  readonly objectKind: AuditObjectKind;
  readonly objectId: string;
  readonly objectName: string;
  /** Group of the object, for readers with a scope. */
  readonly scopeGroupId?: string;
  /** What changed, without secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Appends to the audit log inside the transaction of the change itself: both are on disk or neither is.
 * Several records are appended in their order by one statement: whoever else records waits for this transaction from the
 * first entry on, so a change of many objects records once and last.
 * Invariant: no change without its audit entry.
 */
export type RecordAuditEntry = (
  transaction: Transaction,
  actor: Actor,
  record: AuditRecord | readonly AuditRecord[],
  request?: RequestFacts,
) => Promise<void>;
