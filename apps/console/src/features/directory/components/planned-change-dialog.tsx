import { ApiError } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { FormDialog, FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { PlanFacts } from '../../../shared/dialogs/plan-facts.tsx';
import { LoadingState } from '../../../shared/page/states.tsx';
import { type PlannedChange, usePlannedChange } from '../use-planned-change.ts';

export interface PlannedChangeDialogProps {
  readonly kind: PlannedChange;
  readonly deviceIds: readonly string[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Shows what a change of many devices will do, then does that and nothing else. */
export function PlannedChangeDialog({ kind, deviceIds, onDone, onClose }: PlannedChangeDialogProps) {
  const { t } = useTranslation('directory');
  const change = usePlannedChange(kind, deviceIds);
  const plan = useQuery({
    queryKey: ['device-change-plan', kind, ...deviceIds],
    queryFn: change.plan,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const count = deviceIds.length;
  const submit = async (): Promise<void> => {
    if (plan.data === undefined) return;
    try {
      await change.apply(plan.data.planToken);
    } catch (error) {
      // The directory changed meanwhile: the plan that is shown next is the new one, and is confirmed anew.
      if (error instanceof ApiError && error.status === 409) await plan.refetch();
      throw error;
    }
    onDone();
  };
  return (
    <FormDialog
      title={t(`bulk.${kind}Title`, { count })}
      submitText={t(`selection.${kind}`, { count: plan.data?.deviceCount ?? count })}
      isDangerous={kind !== 'enable'}
      isReady={plan.data !== undefined && !plan.isFetching && plan.data.deviceCount > 0}
      onSubmit={submit}
      onClose={onClose}
    >
      {plan.data === undefined && plan.error === null ? <LoadingState lines={3} /> : null}
      {plan.error === null ? null : <FormError error={plan.error} />}
      {plan.data === undefined ? null : <PlanFacts plan={plan.data} title={t('plan.title')} />}
    </FormDialog>
  );
}
