import {
  type ComponentDeployment,
  type ComponentPlan,
  type ComponentRollout,
  deploymentModes,
  setComponentDeployment,
} from '@holdfast/api';
import { Radio, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { componentsKey } from '../api/component-key.ts';
import classes from './deployment-dialog.module.css';

export interface DeploymentDialogProps {
  readonly deployment: ComponentDeployment;
  /** Of the component. */
  readonly title: string;
  readonly plans: readonly ComponentPlan[];
  /** Of the component, on its way now. */
  readonly rollout: ComponentRollout | undefined;
  readonly onClose: () => void;
}

/** What becomes of new releases of a component. */
export function DeploymentDialog({ deployment, title, plans, rollout, onClose }: DeploymentDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const queryClient = useQueryClient();
  const { componentId } = deployment;
  const [mode, setMode] = useState(deployment.mode);
  const [planId, setPlanId] = useState(deployment.planId);
  const isByPlan = mode === 'by-plan';
  return (
    <FormDialog
      title={t('deployment.dialogTitle', { title })}
      submitText={t('sources.save')}
      isReady={!isByPlan || planId !== null}
      onSubmit={async () => {
        await api.call(setComponentDeployment, {
          params: { componentId },
          body: { mode, planId: isByPlan ? planId : null },
        });
        await queryClient.invalidateQueries({ queryKey: componentsKey });
        onClose();
      }}
      onClose={onClose}
    >
      <Radio.Group
        label={t('deployment.question')}
        value={mode}
        onChange={(value) => setMode(deploymentModes.find((one) => one === value) ?? mode)}
      >
        <div className={classes.choices}>
          {deploymentModes.map((value) => (
            <Radio
              key={value}
              value={value}
              label={t(`deployment.choice.${value}`)}
              description={t(`deployment.choiceHelp.${value}`)}
              disabled={value === 'by-plan' && plans.length === 0}
            />
          ))}
        </div>
      </Radio.Group>
      {isByPlan ? (
        <Select
          label={t('deployment.plan')}
          placeholder={t('deployment.choosePlan')}
          data={plans.map(({ id, name }) => ({ value: id, label: name }))}
          value={planId}
          allowDeselect={false}
          onChange={setPlanId}
        />
      ) : null}
      {rollout === undefined ? null : (
        <Notice tone="attention">
          {t(`deployment.replaces.${mode}`, { release: rollout.release, plan: rollout.planName })}
        </Notice>
      )}
    </FormDialog>
  );
}
