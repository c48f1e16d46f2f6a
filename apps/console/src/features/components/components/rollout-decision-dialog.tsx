import {
  completeComponentRollout,
  type ComponentRollout,
  resumeComponentRollout,
  setComponentDeployment,
} from '@holdfast/api';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { componentsKey } from '../api/component-key.ts';

/** `cancel`: nobody else gets the release, nor any later one by itself. */
export type RolloutDecision = 'resume' | 'complete' | 'cancel';

export interface RolloutDecisionDialogProps {
  readonly rollout: ComponentRollout;
  readonly decision: RolloutDecision;
  readonly onClose: () => void;
}

/** Says what a decision about a release that is on its way will do, and does it. */
export function RolloutDecisionDialog({ rollout, decision, onClose }: RolloutDecisionDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const { componentId, componentTitle: title, release } = rollout;
  const decide = async (): Promise<void> => {
    const params = { rolloutId: rollout.id };
    if (decision === 'resume') await api.call(resumeComponentRollout, { params });
    else if (decision === 'complete') await api.call(completeComponentRollout, { params });
    else
      await api.call(setComponentDeployment, {
        params: { componentId },
        body: { mode: 'never', planId: null },
      });
    await queryClient.invalidateQueries({ queryKey: componentsKey });
    onClose();
    notify.success(t(`rollout.done.${decision}`, { title, release }));
  };
  return (
    <ConfirmDialog
      title={t(`rollout.confirm.${decision}`, { title, release })}
      confirmText={t(`rollout.${decision}`)}
      cancelText={decision === 'cancel' ? t('rollout.keep') : undefined}
      isDangerous={decision !== 'resume'}
      // The one that reaches every device at once.
      word={decision === 'complete' ? t('rollout.word') : undefined}
      wordReason={decision === 'complete' ? t('rollout.wordReason') : undefined}
      onConfirm={decide}
      onClose={onClose}
    >
      {t(`rollout.confirmText.${decision}`, { title, release })}
    </ConfirmDialog>
  );
}
