import type { Component, ComponentStateWord, DeviceComponent, ReleaseOfComponent } from '@holdfast/api';
import type { TrustedCatalogue } from '@holdfast/components/client';
import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';

/** A release that was not here before. */
export interface NewRelease {
  readonly componentId: string;
  readonly title: string;
  readonly release: number;
  readonly version: string;
  readonly isUrgent: boolean;
}

/** How one product is with one component. */
export interface ComponentReport {
  readonly component: string;
  /** Absent for one that is not there yet. */
  readonly release?: number | undefined;
  readonly state: ComponentStateWord;
  readonly version?: string | undefined;
  /** That the state is about. */
  readonly target?: number | undefined;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  /** By the clock of the product, in milliseconds since the Unix epoch. */
  readonly changedAt: number;
}

/**
 * Writes what verified metadata say. What they do not name any more stays known, because devices have it.
 *
 * @returns the newest release of each component that has a newer one than before
 */
export async function saveCatalogue(
  transaction: Transaction,
  { components }: TrustedCatalogue,
  now: Date,
): Promise<NewRelease[]> {
  const entries = [...components.values()];
  const before = await transaction.selectFrom('component').select(['id', 'newest_release']).execute();
  const newestBefore = new Map(before.map(({ id, newest_release: newest }) => [id, Number(newest)]));
  await transaction.updateTable('component').set({ is_offered: false }).execute();
  for (const { newest, releases } of entries) {
    const { id, kind, title, platforms, handler } = newest.component;
    const values = {
      kind,
      title,
      platforms: JSON.stringify(platforms),
      handler,
      newest_release: String(newest.release),
      is_offered: true,
    };
    await transaction
      .insertInto('component')
      .values({ id, ...values })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
      .execute();
    for (const { release, version, isUrgent, full, increments } of releases) {
      const ways = increments.map(({ from, encoding, length }) => ({ from, encoding, bytes: length }));
      const changing = { is_urgent: isUrgent, increments: JSON.stringify(ways) };
      await transaction
        .insertInto('component_release')
        .values({
          component_id: id,
          release: String(release),
          version,
          full_bytes: String(full.length),
          arrived_at: now,
          ...changing,
        })
        .onConflict((conflict) => conflict.columns(['component_id', 'release']).doUpdateSet(changing))
        .execute();
    }
  }
  return entries
    .filter(({ newest }) => newest.release > (newestBefore.get(newest.component.id) ?? 0))
    .map(({ newest: { component, release, version, isUrgent } }) => ({
      componentId: component.id,
      title: component.title,
      release,
      version,
      isUrgent,
    }));
}

interface ComponentRow extends Omit<Component, 'arrivedAt' | 'devices'> {
  readonly arrivedAt: Date;
  readonly upToDate: number;
  readonly behind: number;
  readonly failed: number;
}

/** By title; with an id, that one alone. */
export async function listComponentRows(db: Database, componentId?: string): Promise<Component[]> {
  const { rows } = await sql<ComponentRow>`
    select c.id, c.kind, c.title, c.platforms, c.handler, c.newest_release::float8 as release, r.version,
      r.is_urgent as "isUrgent", r.arrived_at as "arrivedAt", r.full_bytes::float8 as "fullBytes",
      c.is_offered as "isOffered", coalesce(d.up_to_date, 0)::int as "upToDate",
      coalesce(d.behind, 0)::int as behind, coalesce(d.failed, 0)::int as failed
    from component c
    join component_release r on r.component_id = c.id and r.release = c.newest_release
    left join lateral (
      select count(*) filter (where p.release >= c.newest_release) as up_to_date,
        count(*) filter (where p.release is null or p.release < c.newest_release) as behind,
        count(*) filter (where p.state = 'failed') as failed
      from component_product p
      join device v on v.product_number = p.product_number and v.removed_item_id is null
      where p.component_id = c.id
    ) d on true
    where ${componentId ?? null}::text is null or c.id = ${componentId ?? null}
    order by lower(c.title), c.id`.execute(db);
  return rows.map(({ arrivedAt, upToDate, behind, failed, ...row }) => ({
    ...row,
    arrivedAt: arrivedAt.toISOString(),
    devices: { upToDate, behind, failed },
  }));
}

interface ReleaseRow extends Omit<ReleaseOfComponent, 'arrivedAt'> {
  readonly arrivedAt: Date;
}

/** The newest first; so many as anybody wants to see. */
export async function listReleaseRows(db: Database, componentId: string): Promise<ReleaseOfComponent[]> {
  const { rows } = await sql<ReleaseRow>`
    select r.release::float8 as release, r.version, r.is_urgent as "isUrgent", r.arrived_at as "arrivedAt",
      r.full_bytes::float8 as "fullBytes", r.increments,
      (select count(*)::int from component_product p
        join device v on v.product_number = p.product_number and v.removed_item_id is null
        where p.component_id = r.component_id and p.release = r.release) as "deviceCount"
    from component_release r where r.component_id = ${componentId}
    order by r.release desc limit 100`.execute(db);
  return rows.map((row) => ({ ...row, arrivedAt: row.arrivedAt.toISOString() }));
}

interface DeviceComponentRow extends Omit<DeviceComponent, 'changedAt'> {
  readonly changedAt: Date;
}

/** By title. */
export async function listDeviceComponentRows(db: Database, deviceId: string): Promise<DeviceComponent[]> {
  const { rows } = await sql<DeviceComponentRow>`
    select p.component_id as "componentId", coalesce(c.title, p.component_id) as title, c.kind,
      p.release::float8 as release, coalesce(p.version, r.version) as version, p.state, p.code, p.reason, p.changed_at as "changedAt",
      (select count(*)::int from component_release newer
        where newer.component_id = p.component_id and newer.release > coalesce(p.release, 0)) as "behindBy"
    from component_product p
    join device v on v.product_number = p.product_number and v.id = ${deviceId}
    left join component c on c.id = p.component_id
    left join component_release r on r.component_id = p.component_id and r.release = p.release
    order by lower(coalesce(c.title, p.component_id)), p.component_id`.execute(db);
  return rows.map((row) => ({ ...row, changedAt: row.changedAt.toISOString() }));
}

/** What a product says takes the place of all that it said before. */
export async function saveReports(
  transaction: Transaction,
  productNumber: number,
  reports: readonly ComponentReport[],
  now: Date,
): Promise<void> {
  await sql`
    delete from component_product
    where product_number = ${productNumber} and component_id <> all(${reports.map(({ component }) => component)}::text[])
  `.execute(transaction);
  if (reports.length === 0) return;
  await sql`
    insert into component_product (product_number, component_id, release, state, target, version, code, reason, changed_at)
    select p.number, said.* from (
        -- One that is removed for good at this moment says nothing any more.
        select number from managed_product where number = ${productNumber} for key share
      ) p cross join unnest(${reports.map(({ component }) => component)}::text[],
      ${reports.map(({ release }) => release ?? null)}::bigint[], ${reports.map(({ state }) => state)}::text[],
      ${reports.map(({ target }) => target ?? null)}::bigint[], ${reports.map(({ version }) => version ?? null)}::text[],
      ${reports.map(({ code }) => code ?? null)}::text[], ${reports.map(({ reason }) => reason ?? null)}::text[],
      ${reports.map(({ changedAt }) => toInstant(changedAt, now))}::timestamptz[]) said
    on conflict (product_number, component_id) do update
    set release = excluded.release, state = excluded.state, target = excluded.target, version = excluded.version,
      code = excluded.code, reason = excluded.reason, changed_at = excluded.changed_at
    where (component_product.release, component_product.state, component_product.target, component_product.version,
        component_product.code, component_product.reason, component_product.changed_at)
      is distinct from (excluded.release, excluded.state, excluded.target, excluded.version, excluded.code,
        excluded.reason, excluded.changed_at)`.execute(transaction);
}

/** A product whose clock is wrong did it no later than now. */
function toInstant(productMs: number, now: Date): Date {
  return new Date(Math.min(productMs, now.getTime()));
}
