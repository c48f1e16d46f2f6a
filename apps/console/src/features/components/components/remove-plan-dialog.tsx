import { type ComponentPlan, removeComponentPlan } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ChangeDialog } from '../../../shared/dialogs/change-dialog.tsx';
import { componentsKey } from '../api/component-key.ts';

export interface RemovePlanDialogProps {
  readonly plan: ComponentPlan;
  readonly onClose: () => void;
}

export function RemovePlanDialog({ plan: { id, name }, onClose }: RemovePlanDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  return (
    <ChangeDialog
      title={t('plans.removeTitle', { name })}
      confirmText={t('sources.remove')}
      change={async () => await api.call(removeComponentPlan, { params: { planId: id } })}
      outdates={componentsKey}
      doneText={t('plans.removed', { name })}
      onClose={onClose}
    >
      {t('plans.removeText')}
    </ChangeDialog>
  );
}
