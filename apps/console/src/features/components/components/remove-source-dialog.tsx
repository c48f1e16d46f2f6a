import { type ComponentSource, removeComponentSource } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ChangeDialog } from '../../../shared/dialogs/change-dialog.tsx';
import { componentsKey } from '../api/component-key.ts';

export interface RemoveSourceDialogProps {
  readonly source: ComponentSource;
  readonly onClose: () => void;
}

export function RemoveSourceDialog({ source: { id, name }, onClose }: RemoveSourceDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  return (
    <ChangeDialog
      title={t('sources.removeTitle', { name })}
      confirmText={t('sources.remove')}
      change={async () => await api.call(removeComponentSource, { params: { sourceId: id } })}
      outdates={componentsKey}
      doneText={t('sources.removed', { name })}
      onClose={onClose}
    >
      {t('sources.removeText')}
    </ChangeDialog>
  );
}
