import type { Selectable } from 'kysely';
import type { Database, Transaction } from '../../platform/database/database.ts';
import type { OneTimeLinkTable } from './access.tables.ts';

export type OneTimeLinkRow = Selectable<OneTimeLinkTable>;

export async function insertOneTimeLink(
  transaction: Transaction,
  link: Omit<OneTimeLinkRow, 'used_at'>,
): Promise<void> {
  await transaction
    .insertInto('one_time_link')
    .values({ ...link, used_at: null })
    .execute();
}

export async function findOneTimeLink(
  database: Database,
  secretHash: Buffer,
): Promise<OneTimeLinkRow | undefined> {
  return await database
    .selectFrom('one_time_link')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst();
}

/** Takes the link under a lock: whoever comes second sees it used. */
export async function claimOneTimeLink(
  transaction: Transaction,
  secretHash: Buffer,
  usedAt: Date,
): Promise<OneTimeLinkRow | undefined> {
  const link = await transaction
    .selectFrom('one_time_link')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .forUpdate()
    .executeTakeFirst();
  if (link?.used_at === null) {
    await transaction
      .updateTable('one_time_link')
      .set({ used_at: usedAt })
      .where('id', '=', link.id)
      .execute();
  }
  return link;
}

/** A new set-up link ends the ones before it. */
export async function deleteUnusedSetupLinks(transaction: Transaction): Promise<void> {
  await transaction
    .deleteFrom('one_time_link')
    .where('kind', '=', 'set-up')
    .where('used_at', 'is', null)
    .execute();
}

/** Invitations and recovery links alike: of one account at most one link is open. */
export async function deleteUnusedLinksOf(transaction: Transaction, administratorId: string): Promise<void> {
  await transaction
    .deleteFrom('one_time_link')
    .where('administrator_id', '=', administratorId)
    .where('used_at', 'is', null)
    .execute();
}

/** Old links are kept for a while, so that their holder learns that they are used or expired. */
export async function deleteOldLinks(database: Database, expiredBefore: Date): Promise<number> {
  const result = await database
    .deleteFrom('one_time_link')
    .where('expires_at', '<', expiredBefore)
    .executeTakeFirst();
  return Number(result.numDeletedRows);
}
