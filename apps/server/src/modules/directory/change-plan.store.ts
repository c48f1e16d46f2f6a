import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { GroupHolder, PointingToken } from './change-plan.ts';

// What other modules keep is read here, for the sentences of a plan; only they write it.

/** API keys and administrators who have rights in some groups only. */
export async function listGroupHolders(db: Database, now: Date): Promise<GroupHolder[]> {
  const { rows } = await sql<GroupHolder>`
    select case when k.id is null then 'administrator' else 'api-key' end as kind, coalesce(k.name, a.name) as name,
      array_agg(g.group_id)::text[] as "groupIds"
    from access_grant g left join api_key k on k.id = g.api_key_id left join administrator a on a.id = g.administrator_id
    where g.group_id is not null and (k.expires_at is null or k.expires_at > ${now}) and a.state is distinct from 'disabled'
    group by k.id, a.id order by 2, k.id, a.id limit 2000`.execute(db);
  return rows;
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
