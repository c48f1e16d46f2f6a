import type { PlanStage } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { type Selectable, sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import type { ComponentDeploymentTable, ComponentPlanTable } from './deployment.tables.ts';

export interface PlanRecord {
  readonly id: string;
  readonly name: string;
  readonly stages: readonly PlanStage[];
  readonly createdAt: Date;
  readonly revision: number;
}

export interface DeploymentRecord {
  readonly componentId: string;
  readonly mode: 'never' | 'by-plan';
  readonly planId: string | null;
  readonly allowedRelease: number;
}

/** Plans, rules and rollouts change one after the other: each is decided by what the others are. */
export async function lockDeployment(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('component deployment', 0))`.execute(transaction);
}

/** By name. */
export async function listPlans(db: Database): Promise<PlanRecord[]> {
  const rows = await db.selectFrom('component_plan').selectAll().orderBy('name_key').execute();
  return rows.map(toPlan);
}

export async function findPlan(db: Database, id: string): Promise<PlanRecord | undefined> {
  const row = await db.selectFrom('component_plan').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toPlan(row);
}

/** Writes a plan as it is now, new or changed. */
export async function putPlan(transaction: Transaction, plan: PlanRecord): Promise<void> {
  const values = {
    name: plan.name,
    name_key: foldName(plan.name),
    stages: JSON.stringify(plan.stages),
    revision: plan.revision,
  };
  await transaction
    .insertInto('component_plan')
    .values({ id: plan.id, created_at: plan.createdAt, ...values })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
    .execute();
}

export async function deletePlan(transaction: Transaction, id: string): Promise<void> {
  await transaction.deleteFrom('component_plan').where('id', '=', id).execute();
}

/** Those that are not deployed immediately. */
export async function listDeployments(db: Database): Promise<DeploymentRecord[]> {
  const rows = await db.selectFrom('component_deployment').selectAll().orderBy('component_id').execute();
  return rows.map(toDeployment);
}

export async function findDeployment(
  db: Database,
  componentId: string,
): Promise<DeploymentRecord | undefined> {
  const row = await db
    .selectFrom('component_deployment')
    .selectAll()
    .where('component_id', '=', componentId)
    .executeTakeFirst();
  return row && toDeployment(row);
}

export async function putDeployment(transaction: Transaction, record: DeploymentRecord): Promise<void> {
  const values = {
    mode: record.mode,
    plan_id: record.planId,
    allowed_release: String(record.allowedRelease),
  };
  await transaction
    .insertInto('component_deployment')
    .values({ component_id: record.componentId, ...values })
    .onConflict((conflict) => conflict.column('component_id').doUpdateSet(values))
    .execute();
}

export async function deleteDeployment(transaction: Transaction, componentId: string): Promise<void> {
  await transaction.deleteFrom('component_deployment').where('component_id', '=', componentId).execute();
}

export async function allowRelease(
  transaction: Transaction,
  componentId: string,
  release: number,
): Promise<void> {
  await transaction
    .updateTable('component_deployment')
    .set({ allowed_release: String(release) })
    .where('component_id', '=', componentId)
    .execute();
}

/**
 * What a product is not to go beyond: of each component that is not deployed immediately, the release that everybody may have, or
 * the one on its way where a stage with the product's group has begun. Also where that is the newest: a product that has asked a moment
 * ago may meet a newer one whose files came in between.
 */
export async function listCeilings(
  db: Database,
  productNumber: number,
): Promise<{ component: string; release: number }[]> {
  const { rows } = await sql<{ component: string; release: number }>`
    select d.component_id as component, greatest(d.allowed_release, coalesce((
        select r.release from component_rollout r
        where r.component_id = d.component_id and r.state in ('running', 'stopped') and exists (
          select 1 from component_rollout_stage s
          join device v on v.product_number = ${productNumber}
          join directory_group g on g.id = v.group_id and s.group_id = any(g.path)
          where s.rollout_id = r.id and s.begun_at is not null)
      ), 0))::float8 as release
    from component_deployment d
    order by d.component_id`.execute(db);
  return rows;
}

function toPlan(row: Selectable<ComponentPlanTable>): PlanRecord {
  return {
    id: row.id,
    name: row.name,
    // Written by this module, from a body that the contract had checked.
    stages: row.stages as PlanStage[],
    createdAt: row.created_at,
    revision: row.revision,
  };
}

function toDeployment(row: Selectable<ComponentDeploymentTable>): DeploymentRecord {
  return {
    componentId: row.component_id,
    mode: row.mode,
    planId: row.plan_id,
    allowedRelease: Number(row.allowed_release),
  };
}
