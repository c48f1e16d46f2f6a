import { isIP } from 'node:net';
import type { Clock } from '@holdfast/kernel';
import { type Actor, identityOf } from '../access/actor.ts';
import { toStorable, toStorableText } from '../database/storable-text.ts';
import type { AuditRecord, RecordAuditEntry } from './audit.ts';
import { appendAuditEntries } from './audit.store.ts';
import { toStoredDetails } from './audit-facts.ts';
import { type AuditContent, hashAuditContent } from './audit-chain.ts';

/**
 * Writes entries as links of a chain. The lock that orders them is held until the transaction ends, so a use case
 * records last, just before its commit.
 */
export function createAuditRecorder(options: {
  readonly clock: Clock;
  readonly createId: () => string;
}): RecordAuditEntry {
  return async (transaction, actor, record, request) => {
    const contents = [record].flat().map(
      (it): AuditContent => ({
        id: options.createId(),
        occurredAtMs: options.clock.now(),
        ...describeActor(actor),
        ...describeObject(it),
        requestId: request?.id.slice(0, 100) ?? null,
        remoteAddress: request === undefined ? null : toAddress(request.remoteAddress),
      }),
    );
    await appendAuditEntries(
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
