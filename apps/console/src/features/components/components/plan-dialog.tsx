import { changeComponentPlan, type ComponentPlan, createComponentPlan, MAX_PLAN_STAGES } from '@holdfast/api';
import { Button, TextInput } from '@mantine/core';
import { IconPlus } from '../../../shared/icons/icons.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { componentsKey } from '../api/component-key.ts';
import { createStageDraft, draftStages, moveStage, readStages } from '../plan-draft.ts';
import { StageFields } from './stage-fields.tsx';
import classes from './plan-dialog.module.css';

export interface PlanDialogProps {
  /** The one that is changed; absent for a new one. */
  readonly plan?: ComponentPlan | undefined;
  readonly onClose: () => void;
}

/** Creates a deployment plan, or changes one. */
export function PlanDialog({ plan, onClose }: PlanDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const queryClient = useQueryClient();
  const [name, setName] = useState(plan?.name ?? '');
  const [drafts, setDrafts] = useState(() =>
    plan === undefined ? [createStageDraft(0)] : draftStages(plan.stages),
  );
  const stages = readStages(drafts);
  const submit = async (): Promise<void> => {
    if (stages === undefined) return;
    const body = { name: name.trim(), stages };
    if (plan === undefined) await api.call(createComponentPlan, { body });
    else
      await api.call(changeComponentPlan, {
        params: { planId: plan.id },
        body: { ...body, revision: plan.revision },
      });
    await queryClient.invalidateQueries({ queryKey: componentsKey });
    onClose();
  };
  return (
    <FormDialog
      title={plan === undefined ? t('plans.createTitle') : t('sources.changeTitle', { name: plan.name })}
      submitText={t(plan === undefined ? 'plans.create' : 'sources.save')}
      size="lg"
      isReady={name.trim() !== '' && stages !== undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="hf-soft">{t('plans.help')}</p>
      <TextInput
        label={t('plans.name')}
        value={name}
        maxLength={128}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <ol className={classes.stages}>
        {drafts.map((draft, index) => (
          <StageFields
            key={draft.key}
            draft={draft}
            number={index + 1}
            onChange={(next) => setDrafts(drafts.map((one) => (one.key === next.key ? next : one)))}
            onUp={index === 0 ? undefined : () => setDrafts(moveStage(drafts, index, -1))}
            onDown={index === drafts.length - 1 ? undefined : () => setDrafts(moveStage(drafts, index, 1))}
            onRemove={
              drafts.length === 1 ? undefined : () => setDrafts(drafts.filter(({ key }) => key !== draft.key))
            }
          />
        ))}
      </ol>
      <Button
        variant="default"
        size="compact-sm"
        className={classes.add ?? ''}
        leftSection={<IconPlus size={15} />}
        disabled={drafts.length >= MAX_PLAN_STAGES}
        onClick={() =>
          setDrafts([...drafts, createStageDraft(Math.max(...drafts.map(({ key }) => key)) + 1)])
        }
      >
        {t('plans.addStage')}
      </Button>
    </FormDialog>
  );
}
