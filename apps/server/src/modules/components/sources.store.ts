import { foldName } from '@holdfast/kernel';
import { type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { ComponentSourceTable } from './components.tables.ts';

export interface SourceRecord {
  readonly id: string;
  readonly name: string;
  readonly kind: 'web' | 'folder';
  readonly address: string;
  readonly proxy: string | null;
  readonly userName: string | null;
  readonly proxyUserName: string | null;
  readonly sealedPassword: Uint8Array | null;
  readonly sealedProxyPassword: Uint8Array | null;
  readonly sealedKey: Uint8Array | null;
  /** PEM. */
  readonly publicKey: string | null;
  readonly createdAt: Date;
  readonly revision: number;
}

export interface RepositoryRecord {
  readonly firstRoot: Uint8Array;
  readonly fingerprint: string;
  readonly trustedAt: Date;
  readonly trustedBy: string;
  readonly expiresAt: Date | null;
}

/** Changes of sources come one after the other, so that their names differ and their number stays bounded. */
export async function lockSources(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('component sources', 0))`.execute(transaction);
}

/** In the order in which they are tried. */
export async function listSources(db: Database): Promise<SourceRecord[]> {
  const rows = await db.selectFrom('component_source').selectAll().orderBy('position').execute();
  return rows.map(toRecord);
}

export async function findSource(db: Database, id: string): Promise<SourceRecord | undefined> {
  const row = await db.selectFrom('component_source').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRecord(row);
}

/** Behind those that there are. */
export async function insertSource(transaction: Transaction, source: SourceRecord): Promise<void> {
  const { last } = await transaction
    .selectFrom('component_source')
    .select((is) => is.fn.max('position').as('last'))
    .executeTakeFirstOrThrow();
  await transaction
    .insertInto('component_source')
    .values({
      id: source.id,
      kind: source.kind,
      created_at: source.createdAt,
      position: (last ?? 0) + 1,
      ...valuesOf(source),
    })
    .execute();
}

export async function saveSource(transaction: Transaction, source: SourceRecord): Promise<void> {
  await transaction
    .updateTable('component_source')
    .set({ ...valuesOf(source), revision: source.revision })
    .where('id', '=', source.id)
    .execute();
}

export async function deleteSource(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('component_source').where('id', '=', id).execute();
}

export async function findRepository(db: Database): Promise<RepositoryRecord | undefined> {
  const row = await db.selectFrom('component_repository').selectAll().executeTakeFirst();
  return (
    row && {
      firstRoot: row.first_root,
      fingerprint: row.fingerprint,
      trustedAt: row.trusted_at,
      trustedBy: row.trusted_by,
      expiresAt: row.expires_at,
    }
  );
}

/** @throws the database's error of a unique key when there is one already */
export async function insertRepository(
  transaction: Transaction,
  { firstRoot, fingerprint, trustedAt, trustedBy }: RepositoryRecord,
): Promise<void> {
  await transaction
    .insertInto('component_repository')
    .values({
      first_root: Buffer.from(firstRoot),
      fingerprint,
      trusted_at: trustedAt,
      trusted_by: trustedBy,
      expires_at: null,
    })
    .execute();
}

/** What is served now. */
export async function saveServed(
  transaction: Transaction,
  served: { readonly expiresAt: Date; readonly catalogueVersion: number },
): Promise<void> {
  await transaction
    .updateTable('component_repository')
    .set({ expires_at: served.expiresAt, catalogue_version: served.catalogueVersion })
    .execute();
}

/** Version of the snapshot that is served; 0 while none is. */
export async function readCatalogueVersion(db: Database): Promise<number> {
  const row = await db.selectFrom('component_repository').select('catalogue_version').executeTakeFirst();
  return Number(row?.catalogue_version ?? 0);
}

function valuesOf(source: SourceRecord) {
  return {
    name: source.name,
    name_key: foldName(source.name),
    address: source.address,
    proxy: source.proxy,
    user_name: source.userName,
    proxy_user_name: source.proxyUserName,
    sealed_password: toBuffer(source.sealedPassword),
    sealed_proxy_password: toBuffer(source.sealedProxyPassword),
    sealed_key: toBuffer(source.sealedKey),
    public_key: source.publicKey,
  };
}

function toBuffer(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}

function toRecord(row: Selectable<ComponentSourceTable>): SourceRecord {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    address: row.address,
    proxy: row.proxy,
    userName: row.user_name,
    proxyUserName: row.proxy_user_name,
    sealedPassword: row.sealed_password,
    sealedProxyPassword: row.sealed_proxy_password,
    sealedKey: row.sealed_key,
    publicKey: row.public_key,
    createdAt: row.created_at,
    revision: row.revision,
  };
}
