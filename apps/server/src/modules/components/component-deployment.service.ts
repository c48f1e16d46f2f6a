import {
  COMPONENT_ROLLOUTS_SHOWN,
  type AuditAction,
  type ComponentDeployment,
  type ComponentRollout,
  type DeploymentMode,
  type PlanStage,
} from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import { JobSchedule } from '../../platform/jobs/job-schedule.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Caller } from '../directory/index.ts';
import { listComponentRows, type NewRelease } from './catalogue.store.ts';
import { createPlanNotFound } from './component-plans.service.ts';
import { ComponentsError, createComponentNotFound } from './components.errors.ts';
import {
  allowRelease,
  deleteDeployment,
  findDeployment,
  findPlan,
  listCeilings,
  listDeployments,
  lockDeployment,
  type PlanRecord,
  putDeployment,
} from './plans.store.ts';
import { resumeRollout, stepRollout } from './rollout.ts';
import {
  insertRollout,
  readRollouts,
  replaceRollouts,
  type RolloutRecord,
  saveRollout,
} from './rollouts.store.ts';

export type DeploymentPlatform = Pick<
  Platform,
  'database' | 'clock' | 'server' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

const MINUTE_MS = 60_000;

/**
 * Who gets a new release, and when. What this decides reaches products as ceilings: whoever has not been come to keeps what it
 * has. All of it lies in tables, so that a restart changes nothing.
 */
export class ComponentDeploymentService {
  readonly #platform: DeploymentPlatform;

  constructor(platform: DeploymentPlatform) {
    this.#platform = platform;
  }

  async list(actor: Actor): Promise<ComponentDeployment[]> {
    requirePermission(actor, 'components:read');
    const { database } = this.#platform;
    const ruled = new Map((await listDeployments(database)).map((one) => [one.componentId, one]));
    return (await listComponentRows(database)).map(
      ({ id }) =>
        ruled.get(id) ?? { componentId: id, mode: 'immediately', planId: null, allowedRelease: null },
    );
  }

  /** @throws ComponentsError COMPONENT_NOT_FOUND, COMPONENT_PLAN_NOT_FOUND, COMPONENT_PLAN_UNUSABLE */
  async set(
    caller: Caller,
    componentId: string,
    { mode, planId }: { readonly mode: DeploymentMode; readonly planId: string | null },
  ): Promise<ComponentDeployment> {
    requirePermission(caller.actor, 'components:deploy');
    if ((mode === 'by-plan') !== (planId !== null))
      throw new ComponentsError('COMPONENT_PLAN_UNUSABLE', 'A plan goes with the mode "by-plan" alone.');
    const { database, clock } = this.#platform;
    return await inTransaction(database, async (transaction) => {
      await lockDeployment(transaction);
      const [component] = await listComponentRows(transaction, componentId);
      if (component === undefined) throw createComponentNotFound();
      const plan = planId === null ? undefined : await findPlan(transaction, planId);
      if (planId !== null && plan === undefined) throw createPlanNotFound();
      const now = new Date(clock.now());
      await replaceRollouts(transaction, componentId, now);
      const before = await findDeployment(transaction, componentId);
      // What was deployed immediately is out already.
      const allowedRelease = before?.allowedRelease ?? component.release;
      if (mode === 'immediately') await deleteDeployment(transaction, componentId);
      else await putDeployment(transaction, { componentId, mode, planId, allowedRelease });
      if (plan !== undefined && allowedRelease < component.release)
        await this.#begin(transaction, plan, { componentId, release: component.release }, now);
      await this.#record(transaction, caller, 'component-deployment.changed', {
        id: componentId,
        name: component.title,
        details: { mode, planId },
      });
      return {
        componentId,
        mode,
        planId,
        allowedRelease: mode === 'immediately' ? null : allowedRelease,
      };
    });
  }

  /** In the transaction with which releases arrive, so that no device sees one before it is decided who may have it. */
  async begin(transaction: Transaction, released: readonly NewRelease[], now: Date): Promise<void> {
    await lockDeployment(transaction);
    for (const { componentId, release } of released) {
      const deployment = await findDeployment(transaction, componentId);
      if (deployment?.planId == null) continue;
      const plan = await findPlan(transaction, deployment.planId);
      if (plan === undefined) continue;
      await replaceRollouts(transaction, componentId, now);
      await this.#begin(transaction, plan, { componentId, release }, now);
    }
  }

  /** What a product is not to go beyond. */
  async listCeilings(productNumber: number): Promise<{ component: string; release: number }[]> {
    return await listCeilings(this.#platform.database, productNumber);
  }

  async listRollouts(actor: Actor): Promise<ComponentRollout[]> {
    requirePermission(actor, 'components:read');
    const rollouts = await readRollouts(this.#platform.database, { newest: COMPONENT_ROLLOUTS_SHOWN });
    return rollouts.map(toRollout);
  }

  /** @throws ComponentsError COMPONENT_ROLLOUT_NOT_FOUND, COMPONENT_ROLLOUT_OVER */
  async resume(caller: Caller, id: string): Promise<void> {
    await this.#decide(caller, id, 'component-rollout.resumed', async (transaction, rollout, now) => {
      if (rollout.state !== 'stopped') throw createRolloutOver('It has not stopped.');
      await saveRollout(transaction, id, resumeRollout(rollout, rollout.counts), now);
    });
  }

  /** @throws ComponentsError COMPONENT_ROLLOUT_NOT_FOUND, COMPONENT_ROLLOUT_OVER */
  async complete(caller: Caller, id: string): Promise<void> {
    await this.#decide(caller, id, 'component-rollout.completed', async (transaction, rollout, now) => {
      if (rollout.endedAt !== null) throw createRolloutOver('It is over.');
      await saveRollout(transaction, id, { state: 'done', stages: rollout.stages }, now);
      await this.#finish(transaction, rollout);
    });
  }

  /** From time to time: brings every rollout as far as it may go now. */
  async proceed(): Promise<void> {
    const { database, clock, recordEvents } = this.#platform;
    if ((await readRollouts(database, 'unfinished')).every(({ state }) => state !== 'running')) return;
    await inTransaction(database, async (transaction) => {
      await lockDeployment(transaction);
      const nowMs = clock.now();
      for (const rollout of await readRollouts(transaction, 'unfinished')) {
        const next = stepRollout(rollout, { nowMs, counts: rollout.counts });
        if (next === rollout) continue;
        await saveRollout(transaction, rollout.id, next, new Date(nowMs));
        if (next.state === 'done') await this.#finish(transaction, rollout);
        if (next.state === 'stopped')
          await recordEvents(transaction, {
            type: 'component-rollout.stopped',
            objectId: rollout.id,
            data: describe(rollout),
          });
      }
    });
  }

  async #begin(
    transaction: Transaction,
    plan: PlanRecord,
    { componentId, release }: { readonly componentId: string; readonly release: number },
    now: Date,
  ): Promise<void> {
    const { createId, server } = this.#platform;
    await insertRollout(transaction, {
      id: createId(),
      componentId,
      release,
      planName: plan.name,
      startedAt: now,
      stages: plan.stages.map((stage) => ({
        groupId: stage.groupId,
        successPercent: stage.successPercent,
        failurePercent: stage.failurePercent,
        dueAtMs: dueAfter(stage, now.getTime(), server.timeZone),
      })),
    });
  }

  async #finish(transaction: Transaction, rollout: RolloutRecord): Promise<void> {
    await allowRelease(transaction, rollout.componentId, rollout.release);
    await this.#platform.recordEvents(transaction, {
      type: 'component-rollout.done',
      objectId: rollout.id,
      data: describe(rollout),
    });
  }

  /** What somebody decides about a rollout, with its audit entry in one transaction. */
  async #decide(
    caller: Caller,
    id: string,
    action: AuditAction,
    work: (transaction: Transaction, rollout: RolloutRecord, now: Date) => Promise<void>,
  ): Promise<void> {
    requirePermission(caller.actor, 'components:deploy');
    const { database, clock } = this.#platform;
    await inTransaction(database, async (transaction) => {
      await lockDeployment(transaction);
      const rollout = await findRollout(transaction, id);
      await work(transaction, rollout, new Date(clock.now()));
      const { componentId, componentTitle, release, planName } = rollout;
      await this.#record(transaction, caller, action, {
        id: componentId,
        name: componentTitle,
        details: { rolloutId: id, release, planName },
      });
    });
  }

  async #record(
    transaction: Transaction,
    { actor, request }: Caller,
    action: AuditAction,
    object: {
      readonly id: string;
      readonly name: string;
      readonly details: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    await this.#platform.recordAuditEntry(
      transaction,
      actor,
      {
        action,
        objectKind: 'component',
        objectId: object.id,
        objectName: object.name,
        details: object.details,
      },
      request,
    );
  }
}

/** When a stage may begin, counted from the arrival of the release. */
function dueAfter({ delayMinutes, startTime }: PlanStage, arrivedAtMs: number, timeZone: string): number {
  if (startTime === null) return arrivedAtMs + delayMinutes * MINUTE_MS;
  const [hour, minute] = startTime.split(':').map(Number);
  const moment = new JobSchedule({ cron: `${minute} ${hour} * * *`, timeZone }).nextAfter(arrivedAtMs);
  if (moment === null) throw new RangeError('every day has this time');
  return moment;
}

async function findRollout(db: Database, id: string): Promise<RolloutRecord> {
  const [rollout] = await readRollouts(db, { id });
  if (rollout === undefined)
    throw new ComponentsError('COMPONENT_ROLLOUT_NOT_FOUND', 'There is no such rollout.');
  return rollout;
}

function createRolloutOver(message: string): ComponentsError {
  return new ComponentsError('COMPONENT_ROLLOUT_OVER', message, { remedy: 'Look at it as it is now.' });
}

function describe({ componentId, componentTitle, release, planName }: RolloutRecord) {
  return { componentId, title: componentTitle, release, planName };
}

function toRollout(rollout: RolloutRecord): ComponentRollout {
  const { id, componentId, componentTitle, release, planName, state, stages } = rollout;
  return {
    id,
    componentId,
    componentTitle,
    release,
    planName,
    state,
    startedAt: rollout.startedAt.toISOString(),
    endedAt: rollout.endedAt?.toISOString() ?? null,
    stages: stages.map((stage, index) => ({
      groupId: stage.groupId,
      groupName: rollout.groupNames[index] ?? null,
      dueAt: new Date(stage.dueAtMs).toISOString(),
      begunAt: toText(stage.begunAtMs),
      passedAt: toText(stage.passedAtMs),
      successPercent: stage.successPercent,
      failurePercent: stage.failurePercent,
      ...(rollout.counts[index] ?? { devices: 0, updated: 0, failed: 0 }),
    })),
  };
}

function toText(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
