import {
  changeComponentPlan,
  completeComponentRollout,
  createComponentPlan,
  listComponentDeployments,
  listComponentPlans,
  listComponentRollouts,
  removeComponentPlan,
  resumeComponentRollout,
  setComponentDeployment,
} from '@holdfast/api';
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { ComponentDeploymentService } from './component-deployment.service.ts';
import type { ComponentPlanService } from './component-plans.service.ts';

export function registerDeploymentRoutes(
  registerRoute: RegisterRoute,
  {
    plans,
    deployment,
  }: { readonly plans: ComponentPlanService; readonly deployment: ComponentDeploymentService },
): void {
  registerRoute(listComponentPlans, async ({ actor }) => ({ plans: await plans.list(actor) }));
  registerRoute(createComponentPlan, async (it) => await plans.create(it, it.body));
  registerRoute(changeComponentPlan, async (it) => await plans.change(it, it.params.planId, it.body));
  registerRoute(removeComponentPlan, async (it) => {
    await plans.remove(it, it.params.planId);
    return null;
  });
  registerRoute(listComponentDeployments, async ({ actor }) => ({
    deployments: await deployment.list(actor),
  }));
  registerRoute(
    setComponentDeployment,
    async (it) => await deployment.set(it, it.params.componentId, it.body),
  );
  registerRoute(listComponentRollouts, async ({ actor }) => ({
    rollouts: await deployment.listRollouts(actor),
  }));
  registerRoute(resumeComponentRollout, async (it) => {
    await deployment.resume(it, it.params.rolloutId);
    return null;
  });
  registerRoute(completeComponentRollout, async (it) => {
    await deployment.complete(it, it.params.rolloutId);
    return null;
  });
}
