import { ApiError, planGroupRemoval, type RecycledItem, removeGroup } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog, FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { PlanFacts } from '../../../shared/dialogs/plan-facts.tsx';
import { LoadingState } from '../../../shared/page/states.tsx';

export interface RemovalDialogProps {
  readonly groupId: string;
  readonly name: string;
  readonly onRemoved: (item: RecycledItem) => void;
  readonly onClose: () => void;
}

/** Shows what goes to the recycle bin with a group before it goes. */
export function RemovalDialog({ groupId, name, onRemoved, onClose }: RemovalDialogProps) {
  const { t } = useTranslation('directory');
  const api = useApi();
  const plan = useQuery({
    queryKey: ['removal-plan', groupId],
    queryFn: () => api.call(planGroupRemoval, { params: { groupId } }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const submit = async (): Promise<void> => {
    if (plan.data === undefined) return;
    try {
      onRemoved(
        await api.call(removeGroup, { params: { groupId }, body: { planToken: plan.data.planToken } }),
      );
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) await plan.refetch();
      throw error;
    }
  };
  return (
    <FormDialog
      title={t('groups.removeTitle', { name })}
      submitText={t('groups.remove')}
      isDangerous
      isReady={plan.data !== undefined && !plan.isFetching}
      onSubmit={submit}
      onClose={onClose}
    >
      <p>{t('groups.removeText')}</p>
      {plan.data === undefined && plan.error === null ? <LoadingState lines={3} /> : null}
      {plan.error === null ? null : <FormError error={plan.error} />}
      {plan.data === undefined ? null : <PlanFacts plan={plan.data} title={t('plan.title')} />}
    </FormDialog>
  );
}
