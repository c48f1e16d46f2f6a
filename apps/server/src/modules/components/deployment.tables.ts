import type { Generated } from 'kysely';
import type { Immutable } from '../../platform/database/schema.ts';

export interface ComponentPlanTable {
  readonly id: Immutable<string>;
  readonly name: string;
  readonly name_key: string;
  readonly stages: unknown;
  readonly created_at: Immutable<Date>;
  readonly revision: Generated<number>;
}

export interface ComponentDeploymentTable {
  readonly component_id: Immutable<string>;
  readonly mode: 'never' | 'by-plan';
  readonly plan_id: string | null;
  readonly allowed_release: string;
}

export interface ComponentRolloutTable {
  readonly id: Immutable<string>;
  readonly component_id: Immutable<string>;
  readonly release: Immutable<string>;
  readonly plan_name: Immutable<string>;
  readonly state: 'running' | 'stopped' | 'done' | 'replaced';
  readonly started_at: Immutable<Date>;
  readonly ended_at: Date | null;
}

export interface ComponentRolloutStageTable {
  readonly rollout_id: Immutable<string>;
  readonly position: Immutable<number>;
  readonly group_id: Immutable<string>;
  readonly due_at: Immutable<Date>;
  readonly success_percent: Immutable<number>;
  readonly failure_percent: Immutable<number | null>;
  readonly begun_at: Date | null;
  readonly passed_at: Date | null;
  readonly tolerated_failures: Generated<number>;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    component_plan: ComponentPlanTable;
    component_deployment: ComponentDeploymentTable;
    component_rollout: ComponentRolloutTable;
    component_rollout_stage: ComponentRolloutStageTable;
  }
}
