import type { AuditAction, AuditObjectKind } from '@holdfast/api';
import type { Actor } from '../access/actor.ts';
import type { Transaction } from '../database/database.ts';
import type { RequestFacts } from '../http/route-registrar.ts';

/** Facts that name another object than that of the entry, which a reader of the entry need not know. */
export interface AuditFacts {
  readonly about: { readonly kind: 'group' | 'device'; readonly id: string };
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface AuditRecord {
  readonly action: AuditAction;
  readonly objectKind: AuditObjectKind;
  readonly objectId: string;
  readonly objectName: string;
  /** Group of the object, for readers with a scope. */
  readonly scopeGroupId?: string;
  /** What changed, without secrets. Names nothing but the object itself and the groups that it lies in. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Further details, each for whoever may see what it is about. */
  readonly elsewhere?: readonly AuditFacts[];
}

/**
 * Writes into the audit log inside the transaction of the change itself: both are on disk or neither is. Waits for no other
 * transaction. Several records are written in their order by one statement.
 * Invariant: no change without its audit entry.
 */
export type RecordAuditEntry = (
  transaction: Transaction,
  actor: Actor,
  record: AuditRecord | readonly AuditRecord[],
  request?: RequestFacts,
) => Promise<void>;

/** One act of one actor. */
export interface AuditedAct {
  readonly actor: Actor;
  readonly record: AuditRecord;
  readonly request?: RequestFacts | undefined;
}

/** The same for acts of several actors that are carried out together. */
export type RecordAuditEntries = (transaction: Transaction, acts: readonly AuditedAct[]) => Promise<void>;
