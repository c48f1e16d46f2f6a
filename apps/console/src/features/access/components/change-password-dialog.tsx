import { changeOwnPassword } from '@holdfast/api';
import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { useSession } from '../../../shared/session/session-context.ts';
import { NewPasswordField, usePasswordVerdict } from './new-password-field.tsx';

export interface ChangePasswordDialogProps {
  readonly onClose: () => void;
}

export function ChangePasswordDialog({ onClose }: ChangePasswordDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const notify = useNotify();
  const session = useSession();
  const [currentPassword, setCurrentPassword] = useState('');
  const [newPassword, setNewPassword] = useState('');
  const verdict = usePasswordVerdict(newPassword, session.name);
  return (
    <FormDialog
      title={t('password.changeTitle')}
      submitText={t('password.changeSubmit')}
      size="sm"
      isReady={currentPassword !== '' && verdict?.isAccepted === true}
      onSubmit={async () => {
        await api.call(changeOwnPassword, { body: { currentPassword, newPassword } });
        onClose();
        notify.success(t('password.changed'));
      }}
      onClose={onClose}
    >
      <p className="hf-soft">{t('password.changeHelp')}</p>
      <PasswordInput
        label={t('password.current')}
        autoComplete="current-password"
        maxLength={1024}
        value={currentPassword}
        data-autofocus
        visibilityToggleButtonProps={{ 'aria-label': t('password.show') }}
        onChange={(event) => setCurrentPassword(event.currentTarget.value)}
      />
      <NewPasswordField
        label={t('password.new')}
        value={newPassword}
        accountName={session.name}
        onChange={setNewPassword}
      />
    </FormDialog>
  );
}
