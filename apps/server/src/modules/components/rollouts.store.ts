import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { Rollout, StageCounts, StageOfRollout } from './rollout.ts';

export interface RolloutRecord extends Rollout {
  readonly id: string;
  readonly componentId: string;
  readonly componentTitle: string;
  readonly release: number;
  readonly planName: string;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** One for each stage; null for a group that is gone. */
  readonly groupNames: readonly (string | null)[];
  readonly counts: readonly StageCounts[];
}

interface StageRow extends StageCounts {
  readonly rolloutId: string;
  readonly groupId: string;
  readonly groupName: string | null;
  readonly dueAt: Date;
  readonly begunAt: Date | null;
  readonly passedAt: Date | null;
  readonly successPercent: number;
  readonly failurePercent: number | null;
  readonly toleratedFailures: number;
}

export type RolloutChoice = 'unfinished' | { readonly id: string } | { readonly newest: number };

/** With their stages and what is counted in each at this moment; the newest first. */
export async function readRollouts(db: Database, choice: RolloutChoice): Promise<RolloutRecord[]> {
  const rows = await db
    .selectFrom('component_rollout as r')
    .innerJoin('component as c', 'c.id', 'r.component_id')
    .select([
      'r.id',
      'r.component_id',
      'c.title',
      'r.release',
      'r.plan_name',
      'r.state',
      'r.started_at',
      'r.ended_at',
    ])
    .$if(choice === 'unfinished', (query) => query.where('r.state', 'in', ['running', 'stopped']))
    .$if(typeof choice === 'object' && 'id' in choice, (query) =>
      query.where('r.id', '=', (choice as { id: string }).id),
    )
    .orderBy('r.started_at', 'desc')
    .orderBy('r.id', 'desc')
    .$if(typeof choice === 'object' && 'newest' in choice, (query) =>
      query.limit((choice as { newest: number }).newest),
    )
    .execute();
  const stages = await readStages(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => {
    const own = stages.filter(({ rolloutId }) => rolloutId === row.id);
    return {
      id: row.id,
      componentId: row.component_id,
      componentTitle: row.title,
      release: Number(row.release),
      planName: row.plan_name,
      state: row.state,
      startedAt: row.started_at,
      endedAt: row.ended_at,
      stages: own.map(toStage),
      groupNames: own.map(({ groupName }) => groupName),
      counts: own.map(({ devices, updated, failed }) => ({ devices, updated, failed })),
    };
  });
}

async function readStages(db: Database, ids: readonly string[]): Promise<StageRow[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<StageRow>`
    select s.rollout_id as "rolloutId", s.group_id as "groupId", named.name as "groupName", s.due_at as "dueAt",
      s.begun_at as "begunAt", s.passed_at as "passedAt", s.success_percent as "successPercent",
      s.failure_percent as "failurePercent", s.tolerated_failures as "toleratedFailures",
      counted.devices::int as devices, counted.updated::int as updated, counted.failed::int as failed
    from component_rollout_stage s
    join component_rollout r on r.id = s.rollout_id
    left join directory_group named on named.id = s.group_id and named.removed_item_id is null
    cross join lateral (
      select count(*) as devices, count(*) filter (where p.release >= r.release) as updated,
        count(*) filter (where p.state = 'failed' and p.target = r.release
          and coalesce(p.release, 0) < r.release) as failed
      from directory_group g
      join device v on v.group_id = g.id and v.removed_item_id is null
      join component_product p on p.product_number = v.product_number and p.component_id = r.component_id
      where g.path @> array[s.group_id]
    ) counted
    where s.rollout_id = any(${[...ids]}::uuid[])
    order by s.rollout_id, s.position`.execute(db);
  return rows;
}

export async function insertRollout(
  transaction: Transaction,
  rollout: {
    readonly id: string;
    readonly componentId: string;
    readonly release: number;
    readonly planName: string;
    readonly startedAt: Date;
    readonly stages: readonly Pick<
      StageOfRollout,
      'groupId' | 'dueAtMs' | 'successPercent' | 'failurePercent'
    >[];
  },
): Promise<void> {
  await transaction
    .insertInto('component_rollout')
    .values({
      id: rollout.id,
      component_id: rollout.componentId,
      release: String(rollout.release),
      plan_name: rollout.planName,
      state: 'running',
      started_at: rollout.startedAt,
    })
    .execute();
  await transaction
    .insertInto('component_rollout_stage')
    .values(
      rollout.stages.map((stage, index) => ({
        rollout_id: rollout.id,
        position: index + 1,
        group_id: stage.groupId,
        due_at: new Date(stage.dueAtMs),
        success_percent: stage.successPercent,
        failure_percent: stage.failurePercent,
      })),
    )
    .execute();
}

/** What has become of it. */
export async function saveRollout(
  transaction: Transaction,
  id: string,
  { state, stages }: Rollout,
  now: Date,
): Promise<void> {
  const isOver = state === 'done' || state === 'replaced';
  await transaction
    .updateTable('component_rollout')
    .set({ state, ended_at: isOver ? now : null })
    .where('id', '=', id)
    .execute();
  for (const [index, stage] of stages.entries())
    await transaction
      .updateTable('component_rollout_stage')
      .set({
        begun_at: toDate(stage.begunAtMs),
        passed_at: toDate(stage.passedAtMs),
        tolerated_failures: stage.toleratedFailures,
      })
      .where('rollout_id', '=', id)
      .where('position', '=', index + 1)
      .execute();
}

/** Nothing more becomes of what is on its way there. */
export async function replaceRollouts(
  transaction: Transaction,
  componentId: string,
  now: Date,
): Promise<void> {
  await transaction
    .updateTable('component_rollout')
    .set({ state: 'replaced', ended_at: now })
    .where('component_id', '=', componentId)
    .where('state', 'in', ['running', 'stopped'])
    .execute();
}

function toDate(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms);
}

function toStage(row: StageRow): StageOfRollout {
  const { groupId, successPercent, failurePercent, toleratedFailures } = row;
  return {
    groupId,
    dueAtMs: row.dueAt.getTime(),
    successPercent,
    failurePercent,
    begunAtMs: row.begunAt?.getTime() ?? null,
    passedAtMs: row.passedAt?.getTime() ?? null,
    toleratedFailures,
  };
}
