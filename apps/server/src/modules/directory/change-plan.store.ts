import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { PointingToken, ScopedKey } from './change-plan.ts';

// What other modules keep is read here, for the sentences of a plan; only they write it.

/** API keys that see only a part of the directory. */
export async function listScopedKeys(db: Database, now: Date): Promise<ScopedKey[]> {
  const { rows } = await sql<{ name: string; scope_group_id: string }>`
    select name, scope_group_id from api_key
    where scope_group_id is not null and (expires_at is null or expires_at > ${now})
    order by name, id limit 2000`.execute(db);
  return rows.map((row) => ({ name: row.name, scopeGroupId: row.scope_group_id }));
}

/** Enrolment tokens that still work and put devices into one of these groups. */
export async function listPointingTokens(
  db: Database,
  groupIds: readonly string[],
  now: Date,
): Promise<PointingToken[]> {
  const { rows } = await sql<{ name: string }>`
    select name from enrolment_token
    where group_id = any(${groupIds}::uuid[]) and revoked_at is null and expires_at > ${now}
      and (max_uses is null or uses < max_uses)
    order by name, id limit 2000`.execute(db);
  return rows;
}
