import { type ComponentSource, makeComponentSourceKey } from '@holdfast/api';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { Dialog } from '../../../shared/dialogs/dialog.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { componentsKey } from '../api/component-key.ts';

export interface SourceKeyDialogProps {
  readonly source: ComponentSource;
  readonly onClose: () => void;
}

/** The key with which this server renews a folder: makes it, or shows its public half for the publisher. */
export function SourceKeyDialog({ source, onClose }: SourceKeyDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const queryClient = useQueryClient();
  const [publicKey, setPublicKey] = useState(source.publicKey);
  const { name } = source;
  if (publicKey !== null)
    return (
      <Dialog title={t('key.title', { name })} size="lg" onClose={onClose}>
        <p>{t('key.text')}</p>
        <CopyValue value={publicKey} what={t('key.what')} isBlock isLong />
      </Dialog>
    );
  return (
    <ConfirmDialog
      title={t('key.makeTitle', { name })}
      confirmText={t('key.make')}
      onConfirm={async () => {
        const made = await api.call(makeComponentSourceKey, { params: { sourceId: source.id } });
        await queryClient.invalidateQueries({ queryKey: componentsKey });
        setPublicKey(made.publicKey);
      }}
      onClose={onClose}
    >
      {t('key.makeText')}
    </ConfirmDialog>
  );
}
