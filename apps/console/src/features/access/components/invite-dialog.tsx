import {
  builtInRoleIds,
  chooseServerAddress,
  type GrantChoice,
  inviteAdministrator,
  replaceOrigin,
  type ResponseOf,
} from '@holdfast/api';
import { Button, Select, TextInput } from '@mantine/core';
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
import { GrantFields } from './grant-fields.tsx';

export interface InviteDialogProps {
  readonly onClose: () => void;
}

const auditorEverywhere: GrantChoice = { roleId: builtInRoleIds.auditor, groupId: null };

type Invitation = ResponseOf<typeof inviteAdministrator>;

export function InviteDialog({ onClose }: InviteDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const queryClient = useQueryClient();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [grants, setGrants] = useState<readonly GrantChoice[]>([auditorEverywhere]);
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
          body: { name: name.trim(), displayName: displayName.trim(), grants: [...grants] },
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
      {grants.map((grant, index) => (
        <GrantFields
          // The rows have no names of their own and never change places.
          key={index}
          value={grant}
          onChange={(next) => setGrants(grants.map((one, at) => (at === index ? next : one)))}
        />
      ))}
      <Button variant="subtle" size="compact-sm" onClick={() => setGrants([...grants, auditorEverywhere])}>
        {t('grants.another')}
      </Button>
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
  const [address, setAddress] = useState(() =>
    chooseServerAddress(invitation.addresses, window.location.origin),
  );
  const choices = [...new Set([...invitation.addresses, address])];
  return (
    <SecretDialog
      title={t('administrators.linkTitle', { name })}
      text={
        <>
          <p>{t('administrators.linkText', { name, time })}</p>
          {choices.length < 2 ? null : (
            <Select
              mt={12}
              label={t('administrators.linkAddress')}
              description={t('administrators.linkAddressHelp', { name })}
              data={choices}
              value={address}
              allowDeselect={false}
              onChange={(value) => setAddress(value ?? address)}
            />
          )}
        </>
      }
      value={replaceOrigin(invitation.link, address)}
      what={t('administrators.linkName')}
      onClose={onClose}
    />
  );
}
