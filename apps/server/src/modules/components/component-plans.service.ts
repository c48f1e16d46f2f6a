import { type AuditAction, type ComponentPlan, MAX_COMPONENT_PLANS, type PlanStage } from '@holdfast/api';
import { type Actor, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, isUniqueViolation, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Caller, createGroupNotFound, type DirectoryModule } from '../directory/index.ts';
import { ComponentsError } from './components.errors.ts';
import {
  deletePlan,
  findPlan,
  listDeployments,
  listPlans,
  lockDeployment,
  type PlanRecord,
  putPlan,
} from './plans.store.ts';

/** In which order groups get a release. Plans concern the whole organisation. */
export class ComponentPlanService {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'createId' | 'recordAuditEntry'>;
  readonly #directory: Pick<DirectoryModule, 'findGroup'>;

  constructor(
    platform: Pick<Platform, 'database' | 'clock' | 'createId' | 'recordAuditEntry'>,
    directory: Pick<DirectoryModule, 'findGroup'>,
  ) {
    this.#platform = platform;
    this.#directory = directory;
  }

  async list(actor: Actor): Promise<ComponentPlan[]> {
    requirePermission(actor, 'components:read');
    return (await listPlans(this.#platform.database)).map(toPlan);
  }

  /** @throws ComponentsError COMPONENT_PLAN_NAME_TAKEN, COMPONENT_PLAN_LIMIT_REACHED; DirectoryError GROUP_NOT_FOUND */
  async create(
    caller: Caller,
    input: { readonly name: string; readonly stages: readonly PlanStage[] },
  ): Promise<ComponentPlan> {
    requirePermission(caller.actor, 'components:deploy');
    const { clock, createId } = this.#platform;
    return await this.#change(caller, 'component-plan.created', async (transaction) => {
      if ((await listPlans(transaction)).length >= MAX_COMPONENT_PLANS)
        throw new ComponentsError(
          'COMPONENT_PLAN_LIMIT_REACHED',
          `There are ${MAX_COMPONENT_PLANS} plans already.`,
          { facts: { limit: MAX_COMPONENT_PLANS }, remedy: 'Remove one that is not needed.' },
        );
      const plan = { id: createId(), ...input, createdAt: new Date(clock.now()), revision: 1 };
      await this.#put(transaction, plan);
      return plan;
    });
  }

  /** @throws as `create`; ComponentsError COMPONENT_PLAN_NOT_FOUND, COMPONENT_PLAN_CHANGED */
  async change(
    caller: Caller,
    id: string,
    change: {
      readonly revision: number;
      readonly name?: string | undefined;
      readonly stages?: readonly PlanStage[] | undefined;
    },
  ): Promise<ComponentPlan> {
    requirePermission(caller.actor, 'components:deploy');
    return await this.#change(caller, 'component-plan.changed', async (transaction) => {
      const before = await findPlan(transaction, id);
      if (before === undefined) throw createPlanNotFound();
      if (before.revision !== change.revision)
        throw new ComponentsError('COMPONENT_PLAN_CHANGED', 'The plan was changed since you opened it.', {
          remedy: 'Look at it as it is now and make your change again.',
        });
      const plan = {
        ...before,
        name: change.name ?? before.name,
        stages: change.stages ?? before.stages,
        revision: before.revision + 1,
      };
      await this.#put(transaction, plan);
      return plan;
    });
  }

  /** @throws ComponentsError COMPONENT_PLAN_NOT_FOUND, COMPONENT_PLAN_IN_USE */
  async remove(caller: Caller, id: string): Promise<void> {
    requirePermission(caller.actor, 'components:deploy');
    await this.#change(caller, 'component-plan.removed', async (transaction) => {
      const plan = await findPlan(transaction, id);
      if (plan === undefined) throw createPlanNotFound();
      const users = (await listDeployments(transaction)).filter(({ planId }) => planId === id);
      if (users.length > 0)
        throw new ComponentsError('COMPONENT_PLAN_IN_USE', 'Components are deployed by this plan.', {
          facts: { components: users.map(({ componentId }) => componentId) },
          remedy: 'Deploy them otherwise first.',
        });
      await deletePlan(transaction, id);
      return plan;
    });
  }

  async #put(transaction: Transaction, plan: PlanRecord): Promise<void> {
    for (const { groupId } of plan.stages)
      if ((await this.#directory.findGroup(groupId, transaction)) === undefined) throw createGroupNotFound();
    await putPlan(transaction, plan);
  }

  /** The change and its audit entry in one transaction. */
  async #change(
    { actor, request }: Caller,
    action: AuditAction,
    work: (transaction: Transaction) => Promise<PlanRecord>,
  ): Promise<ComponentPlan> {
    const { database, recordAuditEntry } = this.#platform;
    return await inTransaction(database, async (transaction) => {
      await lockDeployment(transaction);
      const plan = await work(transaction);
      await recordAuditEntry(
        transaction,
        actor,
        {
          action,
          objectKind: 'component-plan',
          objectId: plan.id,
          objectName: plan.name,
          details: { stages: plan.stages },
        },
        request,
      );
      return toPlan(plan);
    }).catch(throwNameTaken);
  }
}

export function createPlanNotFound(): ComponentsError {
  return new ComponentsError('COMPONENT_PLAN_NOT_FOUND', 'There is no such plan.', {
    remedy: 'It may have been removed.',
  });
}

function toPlan({ id, name, stages, createdAt, revision }: PlanRecord): ComponentPlan {
  return { id, name, stages: [...stages], createdAt: createdAt.toISOString(), revision };
}

function throwNameTaken(error: unknown): never {
  if (!isUniqueViolation(error, 'component_plan_name_key_key')) throw error;
  throw new ComponentsError('COMPONENT_PLAN_NAME_TAKEN', 'There is a plan of this name already.', {
    cause: error,
    remedy: 'Choose another name; capitals make no difference.',
  });
}
