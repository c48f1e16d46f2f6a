import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Name, oneOf, Revision, Uuid } from './scalars.ts';

/** How many plans there are at most, and stages of one. */
export const MAX_COMPONENT_PLANS = 50;
export const MAX_PLAN_STAGES = 20;
/** How many rollouts the history shows, the newest. */
export const COMPONENT_ROLLOUTS_SHOWN = 100;

const closed = { additionalProperties: false } as const;
const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const Percent = Type.Integer({ minimum: 0, maximum: 100 });

/** One group that gets a release, and when the next one may. */
export const PlanStage = Type.Object(
  {
    /** With all that lies below it. */
    groupId: Uuid,
    /** From the arrival of the release on; every delay counts from there. Without meaning where there is a time of day. */
    delayMinutes: Type.Integer({ minimum: 0, maximum: 43_200 }),
    /** `HH:MM` in the time zone of the server: the first such moment after the arrival. */
    startTime: orNull(Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' })),
    /** The next stage waits until so many of the devices have it. 0: for nobody. */
    successPercent: Percent,
    /** The rollout stops when it failed on more of them. Null: never. */
    failurePercent: orNull(Percent),
  },
  closed,
);
export type PlanStage = Static<typeof PlanStage>;

export const ComponentPlan = Type.Object({
  id: Uuid,
  name: Type.String(),
  stages: Type.Array(PlanStage),
  createdAt: Instant,
  revision: Revision,
});
export type ComponentPlan = Static<typeof ComponentPlan>;

/** What becomes of a new release when it is here. */
export const deploymentModes = ['immediately', 'never', 'by-plan'] as const;
export type DeploymentMode = (typeof deploymentModes)[number];

export const ComponentDeployment = Type.Object({
  componentId: Type.String(),
  /** `never`: it stays on the server until somebody says otherwise. */
  mode: oneOf(deploymentModes),
  planId: orNull(Uuid),
  /** What devices may have that nothing newer has been given to; null: the newest. */
  allowedRelease: orNull(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
});
export type ComponentDeployment = Static<typeof ComponentDeployment>;

export const RolloutStage = Type.Object({
  groupId: Uuid,
  /** Null for a group that is gone. */
  groupName: orNull(Type.String()),
  /** It does not begin before. */
  dueAt: Instant,
  begunAt: orNull(Instant),
  passedAt: orNull(Instant),
  successPercent: Percent,
  failurePercent: orNull(Percent),
  devices: Type.Integer({ minimum: 0 }),
  updated: Type.Integer({ minimum: 0 }),
  failed: Type.Integer({ minimum: 0 }),
});
export type RolloutStage = Static<typeof RolloutStage>;

/** One release on its way through the stages that its plan had when it arrived. */
export const ComponentRollout = Type.Object({
  id: Uuid,
  componentId: Type.String(),
  componentTitle: Type.String(),
  release: Type.Integer({ minimum: 1 }),
  planName: Type.String(),
  /** `stopped`: by itself, because it failed on too many; `replaced`: by a newer release, or because the deployment was changed. */
  state: oneOf(['running', 'stopped', 'done', 'replaced'] as const),
  startedAt: Instant,
  endedAt: orNull(Instant),
  stages: Type.Array(RolloutStage),
});
export type ComponentRollout = Static<typeof ComponentRollout>;

const tag = 'Components';
const mayView = { permission: 'components:read' } as const;
const mayDeploy = { permission: 'components:deploy' } as const;
const ofPlan = Type.Object({ planId: Uuid }, closed);
const ofRollout = Type.Object({ rolloutId: Uuid }, closed);
const stages = Type.Array(PlanStage, { minItems: 1, maxItems: MAX_PLAN_STAGES });

export const listComponentPlans = defineRoute({
  name: 'listComponentPlans',
  method: 'GET',
  path: '/api/v1/component-plans',
  tag,
  access: mayView,
  summary: 'Deployment plans, by name',
  response: Type.Object({ plans: Type.Array(ComponentPlan) }),
});
export const createComponentPlan = defineRoute({
  name: 'createComponentPlan',
  method: 'POST',
  path: '/api/v1/component-plans',
  tag,
  access: mayDeploy,
  status: 201,
  summary: 'Create a deployment plan',
  body: Type.Object({ name: Name, stages }, closed),
  response: ComponentPlan,
});
export const changeComponentPlan = defineRoute({
  name: 'changeComponentPlan',
  method: 'PATCH',
  path: '/api/v1/component-plans/:planId',
  tag,
  access: mayDeploy,
  summary: 'Change a deployment plan; releases that are on their way keep the stages that they began with',
  params: ofPlan,
  body: Type.Object({ revision: Revision, name: Type.Optional(Name), stages: Type.Optional(stages) }, closed),
  response: ComponentPlan,
});
export const removeComponentPlan = defineRoute({
  name: 'removeComponentPlan',
  method: 'DELETE',
  path: '/api/v1/component-plans/:planId',
  tag,
  access: mayDeploy,
  summary: 'Remove a deployment plan that no component uses',
  params: ofPlan,
});
export const listComponentDeployments = defineRoute({
  name: 'listComponentDeployments',
  method: 'GET',
  path: '/api/v1/component-deployments',
  tag,
  access: mayView,
  summary: 'What becomes of new releases, for each component',
  response: Type.Object({ deployments: Type.Array(ComponentDeployment) }),
});
export const setComponentDeployment = defineRoute({
  name: 'setComponentDeployment',
  method: 'PUT',
  path: '/api/v1/components/:componentId/deployment',
  tag,
  access: mayDeploy,
  summary: 'Say what becomes of new releases of a component; what is on its way by another rule is replaced',
  params: Type.Object({ componentId: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' }) }, closed),
  body: Type.Object({ mode: oneOf(deploymentModes), planId: orNull(Uuid) }, closed),
  response: ComponentDeployment,
});
export const listComponentRollouts = defineRoute({
  name: 'listComponentRollouts',
  method: 'GET',
  path: '/api/v1/component-rollouts',
  tag,
  access: mayView,
  summary: 'Releases on their way through a plan, and those that were, the newest first',
  response: Type.Object({ rollouts: Type.Array(ComponentRollout) }),
});
export const resumeComponentRollout = defineRoute({
  name: 'resumeComponentRollout',
  method: 'POST',
  path: '/api/v1/component-rollouts/:rolloutId/resumption',
  tag,
  access: mayDeploy,
  summary: 'Let a rollout that stopped go on; what has failed so far stops it no more',
  params: ofRollout,
});
export const completeComponentRollout = defineRoute({
  name: 'completeComponentRollout',
  method: 'POST',
  path: '/api/v1/component-rollouts/:rolloutId/completion',
  tag,
  access: mayDeploy,
  summary: 'Give the release of a rollout to everybody now',
  params: ofRollout,
});
