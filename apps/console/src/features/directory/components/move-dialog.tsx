import { ApiError, type ChangePlan } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog, FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { PlanFacts } from '../../../shared/dialogs/plan-facts.tsx';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import { LoadingState } from '../../../shared/page/states.tsx';

export interface MoveDialogProps {
  readonly title: string;
  readonly submitText: string;
  /** Where it is now, and where it cannot go. */
  readonly excludedIds: ReadonlySet<string>;
  readonly planKey: readonly string[];
  readonly onPlan: (groupId: string) => Promise<ChangePlan>;
  readonly onMove: (groupId: string, planToken: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Choose where to, see what that changes, then do it: with the plan that was shown and no other. */
export function MoveDialog(props: MoveDialogProps) {
  const { t } = useTranslation('directory');
  const [groupId, setGroupId] = useState<string>();
  const plan = useQuery({
    queryKey: ['move-plan', ...props.planKey, groupId],
    queryFn: () => props.onPlan(groupId ?? ''),
    enabled: groupId !== undefined,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const submit = async (): Promise<void> => {
    if (groupId === undefined || plan.data === undefined) return;
    try {
      await props.onMove(groupId, plan.data.planToken);
    } catch (error) {
      // The directory changed meanwhile: the plan that is shown next is the new one, and is confirmed anew.
      if (error instanceof ApiError && error.status === 409) await plan.refetch();
      throw error;
    }
  };
  return (
    <FormDialog
      title={props.title}
      submitText={props.submitText}
      isReady={plan.data !== undefined && !plan.isFetching}
      onSubmit={submit}
      onClose={props.onClose}
    >
      <GroupSelect
        label={t('move.to')}
        value={groupId}
        excludedIds={props.excludedIds}
        onChange={(next) => setGroupId(next)}
      />
      {groupId === undefined ? <p className="hf-soft">{t('plan.chooseFirst')}</p> : null}
      {plan.isFetching && plan.data === undefined ? <LoadingState lines={3} /> : null}
      {plan.error === null ? null : <FormError error={plan.error} />}
      {plan.data === undefined ? null : <PlanFacts plan={plan.data} title={t('plan.title')} />}
    </FormDialog>
  );
}
