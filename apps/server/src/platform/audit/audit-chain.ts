import { createHash } from 'node:crypto';

/** What the chain protects of an entry: everything but its place, which the hash before it protects. */
export interface AuditContent {
  readonly id: string;
  readonly occurredAtMs: number;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly actorName: string;
  readonly action: string;
  readonly objectKind: string | null;
  readonly objectId: string | null;
  readonly objectName: string | null;
  readonly scopeGroupId: string | null;
  readonly details: unknown;
  readonly requestId: string | null;
  readonly remoteAddress: string | null;
}

/** The place of an entry in the chain. */
export interface ChainLink {
  /** Counts from 1, without gaps. */
  readonly sequence: number;
  readonly previousHash: Uint8Array | null;
  readonly entryHash: Uint8Array;
}

export interface ChainedEntry extends ChainLink {
  readonly content: AuditContent;
}

/** An entry by which everything before it can be proven. */
export interface ChainHead {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

const LABEL = 'holdfast audit entry v1';

/** Hash of an entry's content, 32 bytes. Equal contents have equal hashes, whatever the order of their keys. */
export function hashAuditContent(content: AuditContent): Buffer {
  const text = JSON.stringify([
    LABEL,
    content.id,
    content.occurredAtMs,
    content.actorKind,
    content.actorId,
    content.actorName,
    content.action,
    content.objectKind,
    content.objectId,
    content.objectName,
    content.scopeGroupId,
    sortKeys(content.details),
    content.requestId,
    content.remoteAddress,
  ]);
  return createHash('sha256').update(text, 'utf8').digest();
}

/** Hash of an entry in its place: over its sequence, the hash before it (32 zero bytes at first) and its content. */
export function hashAuditEntry(
  sequence: number,
  previousHash: Uint8Array | null,
  contentHash: Uint8Array,
): Buffer {
  const head = Buffer.alloc(8);
  head.writeBigUInt64BE(BigInt(sequence));
  return createHash('sha256')
    .update(head)
    .update(previousHash ?? Buffer.alloc(32))
    .update(contentHash)
    .digest();
}

/** The places that follow a head, for entries with these contents in their order. */
export function linkAfter(head: ChainHead | undefined, contentHashes: readonly Uint8Array[]): ChainLink[] {
  let { sequence, hash }: { sequence: number; hash: Uint8Array | null } = head ?? { sequence: 0, hash: null };
  return contentHashes.map((contentHash) => {
    const previousHash = hash;
    sequence += 1;
    hash = hashAuditEntry(sequence, previousHash, contentHash);
    return { sequence, previousHash, entryHash: hash };
  });
}

/**
 * The sequence of the first entry that does not follow from the one before it, or `undefined` when all do. `before` is
 * the entry just before the first one given; absent at the start of the log.
 */
export function findBrokenLink(
  entries: Iterable<ChainedEntry>,
  before?: { readonly sequence: number; readonly entryHash: Uint8Array },
): number | undefined {
  let sequence = before?.sequence ?? 0;
  let hash: Uint8Array | null = before?.entryHash ?? null;
  for (const entry of entries) {
    const expected = hashAuditEntry(entry.sequence, hash, hashAuditContent(entry.content));
    const isNext = entry.sequence === sequence + 1 && isSame(entry.previousHash, hash);
    if (!isNext || !isSame(entry.entryHash, expected)) return entry.sequence;
    sequence = entry.sequence;
    hash = entry.entryHash;
  }
  return undefined;
}

function isSame(first: Uint8Array | null, second: Uint8Array | null): boolean {
  if (first === null || second === null) return first === second;
  return Buffer.compare(first, second) === 0;
}

// The database keeps JSON without the order of its keys.
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([first], [second]) => (first < second ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}
