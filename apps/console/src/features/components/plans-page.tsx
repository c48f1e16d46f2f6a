import type { ComponentDeployment, ComponentPlan } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconStairs } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { lateComponent } from '../../shared/late/late-component.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import {
  componentDeploymentsQuery,
  componentPlansQuery,
  componentRolloutsQuery,
} from './api/component-queries.ts';
import { ComponentsPageFrame } from './components/components-page-frame.tsx';
import { DeploymentTable } from './components/deployment-table.tsx';
import { type PlanAction, PlanTable } from './components/plan-table.tsx';
import { RemovePlanDialog } from './components/remove-plan-dialog.tsx';
import { RolloutCard } from './components/rollout-card.tsx';
import { RolloutTable } from './components/rollout-table.tsx';
import { Section } from './components/section.tsx';
import { isUnfinished } from './rollout-progress.ts';
import classes from './plans-page.module.css';

const PlanDialog = lateComponent(() => import('./components/plan-dialog.tsx'), 'PlanDialog');
const DeploymentDialog = lateComponent(
  () => import('./components/deployment-dialog.tsx'),
  'DeploymentDialog',
);

type Open =
  | { readonly kind: 'create' }
  | { readonly kind: PlanAction; readonly plan: ComponentPlan }
  | { readonly kind: 'deployment'; readonly deployment: ComponentDeployment; readonly title: string };

/** Who gets a new release, and when: what is on its way, the rule of each component, and the plans. */
export function PlansPage() {
  const { t } = useTranslation('components');
  const api = useApi();
  const mayDeploy = usePermission('components:deploy');
  const plans = useQuery(componentPlansQuery(api));
  const deployments = useQuery(componentDeploymentsQuery(api)).data ?? [];
  const rollouts = useQuery(componentRolloutsQuery(api));
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  return (
    <ComponentsPageFrame
      layout="wide"
      title={t('plans.title')}
      description={t('plans.description')}
      actions={
        mayDeploy ? (
          <Button onClick={() => setOpen({ kind: 'create' })}>{t('plans.create')}</Button>
        ) : undefined
      }
    >
      <QueryView query={rollouts}>
        {(rows) => {
          const current = rows.filter(isUnfinished);
          return current.length === 0 ? null : (
            <Section title={t('rollout.current')}>
              <div className={classes.rollouts}>
                {current.map((rollout) => (
                  <RolloutCard key={rollout.id} rollout={rollout} />
                ))}
              </div>
            </Section>
          );
        }}
      </QueryView>
      <Section title={t('deployment.title')} text={t('deployment.text')}>
        <DeploymentTable
          onChange={
            mayDeploy ? (deployment, title) => setOpen({ kind: 'deployment', deployment, title }) : undefined
          }
        />
      </Section>
      <Section title={t('plans.list')}>
        <QueryView query={plans}>
          {(rows) =>
            rows.length === 0 ? (
              <EmptyState
                icon={<IconStairs size={28} stroke={1.5} />}
                title={t('plans.emptyTitle')}
                text={t('plans.emptyText')}
              />
            ) : (
              <PlanTable
                plans={rows}
                deployments={deployments}
                onAct={mayDeploy ? (kind, plan) => setOpen({ kind, plan }) : undefined}
              />
            )
          }
        </QueryView>
      </Section>
      {rollouts.data?.some((rollout) => !isUnfinished(rollout)) === true ? (
        <Section title={t('rollout.past')}>
          <RolloutTable rollouts={rollouts.data.filter((rollout) => !isUnfinished(rollout))} />
        </Section>
      ) : null}
      {open?.kind === 'create' ? <PlanDialog onClose={close} /> : null}
      {open?.kind === 'change' ? <PlanDialog plan={open.plan} onClose={close} /> : null}
      {open?.kind === 'remove' ? <RemovePlanDialog plan={open.plan} onClose={close} /> : null}
      {open?.kind === 'deployment' ? (
        <DeploymentDialog
          deployment={open.deployment}
          title={open.title}
          plans={plans.data ?? []}
          rollout={rollouts.data?.find(
            (one) => one.componentId === open.deployment.componentId && isUnfinished(one),
          )}
          onClose={close}
        />
      ) : null}
    </ComponentsPageFrame>
  );
}
