import { isIP } from 'node:net';
import type { Clock } from '@holdfast/kernel';
import { type Actor, identityOf } from '../access/actor.ts';
import { toStorable, toStorableText } from '../database/storable-text.ts';
import type { AuditRecord, RecordAuditEntries, RecordAuditEntry } from './audit.ts';
import type { Transaction } from '../database/index.ts';
import { appendToChain, type UnchainedEntry } from './audit.store.ts';
import { toStoredDetails } from './audit-facts.ts';
import { type AuditContent, hashAuditContent } from './audit-chain.ts';

export interface AuditRecorderOptions {
  readonly clock: Clock;
  readonly createId: () => string;
  /**
   * Where entries go. Unless told, to the chain itself, which one transaction at a time can do: for programs that record one thing and
   * end, beside a server or without one, also on a database of an earlier release. The server has its `AuditChainer`.
   */
  readonly write?: (transaction: Transaction, entries: readonly UnchainedEntry[]) => Promise<void>;
}

/** Makes entries of what is recorded, and hashes them. */
export function createAuditRecorder(options: AuditRecorderOptions): RecordAuditEntry {
  const recordAll = createAuditRecorderOfMany(options);
  return async (transaction, actor, record, request) =>
    await recordAll(
      transaction,
      [record].flat().map((it) => ({ actor, record: it, request })),
    );
}

/** The same for acts of several actors. */
export function createAuditRecorderOfMany(options: AuditRecorderOptions): RecordAuditEntries {
  const { write = appendToChain } = options;
  return async (transaction, acts) => {
    const contents = acts.map(
      ({ actor, record, request }): AuditContent => ({
        id: options.createId(),
        occurredAtMs: options.clock.now(),
        ...describeActor(actor),
        ...describeObject(record),
        requestId: request?.id.slice(0, 100) ?? null,
        remoteAddress: request === undefined ? null : toAddress(request.remoteAddress),
      }),
    );
    await write(
      transaction,
      contents.map((content) => ({ content, contentHash: hashAuditContent(content) })),
    );
  };
}

function describeActor(actor: Actor): Pick<AuditContent, 'actorKind' | 'actorId' | 'actorName'> {
  const { kind, id, name } = identityOf(actor);
  return { actorKind: kind, actorId: id, actorName: toStorableText(name, 300) };
}

function describeObject(
  record: AuditRecord,
): Pick<AuditContent, 'action' | 'objectKind' | 'objectId' | 'objectName' | 'scopeGroupId' | 'details'> {
  return {
    action: record.action,
    objectKind: record.objectKind,
    objectId: toStorableText(record.objectId, 200),
    objectName: toStorableText(record.objectName, 500),
    scopeGroupId: record.scopeGroupId ?? null,
    // Through JSON once, so that what is hashed is what a reader gets back: no undefined, dates as text.
    details: toStorable(JSON.parse(JSON.stringify(toStoredDetails(record))) as unknown),
  };
}

function toAddress(remoteAddress: string): string | null {
  const address = remoteAddress.split('%')[0] ?? '';
  return isIP(address) === 0 ? null : address;
}
