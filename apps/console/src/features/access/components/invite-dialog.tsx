import { inviteAdministrator, type ResponseOf, type Role, roles } from '@holdfast/api';
import { Radio, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { SecretDialog } from '../../../shared/dialogs/secret-dialog.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { administratorsKey } from '../api/access-queries.ts';
import { isSignInName } from '../sign-in-name.ts';
import classes from './invite-dialog.module.css';

export interface InviteDialogProps {
  readonly onClose: () => void;
}

type Invitation = ResponseOf<typeof inviteAdministrator>;

export function InviteDialog({ onClose }: InviteDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [role, setRole] = useState<Role>('auditor');
  const [invitation, setInvitation] = useState<Invitation>();
  if (invitation !== undefined) return <InvitationLink invitation={invitation} onClose={onClose} />;
  const isNameInvalid = name.trim() !== '' && !isSignInName(name.trim());
  return (
    <FormDialog
      title={t('administrators.inviteTitle')}
      submitText={t('administrators.inviteSubmit')}
      isReady={name.trim() !== '' && !isNameInvalid && displayName.trim() !== ''}
      onSubmit={async () => {
        const answer = await api.call(inviteAdministrator, {
          body: { name: name.trim(), displayName: displayName.trim(), role },
        });
        void queryClient.invalidateQueries({ queryKey: administratorsKey });
        setInvitation(answer);
      }}
      onClose={onClose}
    >
      <p className="hf-soft">{t('administrators.inviteHelp')}</p>
      <TextInput
        label={t('administrators.displayName')}
        value={displayName}
        maxLength={128}
        data-autofocus
        onChange={(event) => setDisplayName(event.currentTarget.value)}
      />
      <TextInput
        label={t('setup.name')}
        description={t('setup.nameHelp')}
        error={isNameInvalid ? t('setup.nameInvalid') : undefined}
        value={name}
        maxLength={64}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Radio.Group
        label={t('administrators.role')}
        value={role}
        onChange={(value) => {
          const next = roles.find((candidate) => candidate === value);
          if (next !== undefined) setRole(next);
        }}
      >
        <div className={classes.roles}>
          {roles.map((candidate) => (
            <Radio
              key={candidate}
              value={candidate}
              label={t(`administrators.roles.${candidate}`)}
              description={t(`administrators.roleHelp.${candidate}`)}
            />
          ))}
        </div>
      </Radio.Group>
    </FormDialog>
  );
}

interface InvitationLinkProps {
  readonly invitation: Invitation;
  readonly onClose: () => void;
}

function InvitationLink({ invitation, onClose }: InvitationLinkProps) {
  const { t } = useTranslation('access');
  const format = useFormat();
  const name = invitation.administrator.displayName;
  const time = useTicking((nowMs) => format.ago(nowMs, Date.parse(invitation.expiresAt)));
  return (
    <SecretDialog
      title={t('administrators.linkTitle', { name })}
      text={t('administrators.linkText', { name, time })}
      value={invitation.link}
      what={t('administrators.linkName')}
      onClose={onClose}
    />
  );
}
