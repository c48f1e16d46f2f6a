import { planTagRemoval, removeTag, restoreTag, type Tag } from '@holdfast/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog, FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { PlanFacts } from '../../../shared/dialogs/plan-facts.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { LoadingState } from '../../../shared/page/states.tsx';
import { tagsKey } from '../../../shared/tags/tags-query.ts';

export interface RemoveTagDialogProps {
  readonly tag: Tag;
  readonly onClose: () => void;
}

/** Says how many devices lose the tag, removes it, and offers to take that back. */
export function RemoveTagDialog({ tag, onClose }: RemoveTagDialogProps) {
  const { t } = useTranslation(['tags', 'directory']);
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const params = { tagId: tag.id };
  const plan = useQuery({
    queryKey: ['tag-removal-plan', tag.id],
    queryFn: () => api.call(planTagRemoval, { params }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const refresh = (): void => {
    for (const queryKey of [tagsKey, ['devices'], ['device']])
      void queryClient.invalidateQueries({ queryKey });
  };
  const submit = async (): Promise<void> => {
    if (plan.data === undefined) return;
    try {
      await api.call(removeTag, { params, body: { planToken: plan.data.planToken } });
    } catch (error) {
      // Others put it on devices meanwhile: the new number is shown and confirmed anew.
      await plan.refetch();
      throw error;
    }
    refresh();
    onClose();
    notify.success(t('removed', { name: tag.name }), () => {
      api.call(restoreTag, { params }).then(() => {
        refresh();
        notify.success(t('restored', { name: tag.name }));
      }, notify.error);
    });
  };
  return (
    <FormDialog
      title={t('removeTitle', { name: tag.name })}
      submitText={t('remove')}
      isDangerous
      isReady={plan.data !== undefined && !plan.isFetching}
      onSubmit={submit}
      onClose={onClose}
    >
      {plan.data === undefined && plan.error === null ? <LoadingState lines={2} /> : null}
      {plan.error === null ? null : <FormError error={plan.error} />}
      {plan.data === undefined ? null : <PlanFacts plan={plan.data} title={t('directory:plan.title')} />}
    </FormDialog>
  );
}
