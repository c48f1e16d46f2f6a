import { acceptInvitation, type CurrentSession, getInvitation } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { FormError } from '../../shared/dialogs/form-dialog.tsx';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { ErrorState, LoadingState } from '../../shared/page/states.tsx';
import { useTicking } from '../../shared/time/use-ticking.ts';
import { Door } from './components/door.tsx';
import { NewPasswordField, usePasswordVerdict } from './components/new-password-field.tsx';
import { isLinkGone } from './link-gone.ts';

export interface InvitationPageProps {
  readonly secret: string | undefined;
  readonly onSignedIn: (session: CurrentSession) => void;
}

export function InvitationPage({ secret, onSignedIn }: InvitationPageProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const invitation = useQuery({
    queryKey: ['invitation', secret],
    queryFn: ({ signal }) => api.call(getInvitation, { body: { secret: secret ?? '' }, signal }),
    enabled: secret !== undefined,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (secret === undefined) {
    return <Door title={t('setup.noSecret')}>{t('invitation.noSecretText')}</Door>;
  }
  if (isLinkGone(invitation.error)) {
    return <Door title={t('invitation.goneTitle')}>{t('invitation.goneText')}</Door>;
  }
  if (invitation.data === undefined) {
    return (
      <Door title={t('signIn.title')}>
        {invitation.error === null ? (
          <LoadingState lines={4} />
        ) : (
          <ErrorState error={invitation.error} onRetry={() => void invitation.refetch()} />
        )}
      </Door>
    );
  }
  return (
    <InvitationForm
      secret={secret}
      name={invitation.data.name}
      displayName={invitation.data.displayName}
      expiresAt={invitation.data.expiresAt}
      onSignedIn={onSignedIn}
    />
  );
}

interface InvitationFormProps {
  readonly secret: string;
  readonly name: string;
  readonly displayName: string;
  readonly expiresAt: string;
  readonly onSignedIn: (session: CurrentSession) => void;
}

function InvitationForm({ secret, name, displayName, expiresAt, onSignedIn }: InvitationFormProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const format = useFormat();
  const [password, setPassword] = useState('');
  const verdict = usePasswordVerdict(password, name);
  const left = useTicking((nowMs) => format.duration(Date.parse(expiresAt) - nowMs));
  const acceptance = useMutation({
    mutationFn: () => api.call(acceptInvitation, { body: { secret, password } }),
    onSuccess: onSignedIn,
  });
  const isReady = verdict?.isAccepted === true;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !acceptance.isPending) acceptance.mutate();
  };
  if (isLinkGone(acceptance.error)) {
    return <Door title={t('invitation.goneTitle')}>{t('invitation.goneText')}</Door>;
  }
  return (
    <Door title={t('invitation.title', { name: displayName })} text={t('invitation.text', { name })}>
      <form onSubmit={submit} noValidate>
        {acceptance.error === null ? null : <FormError error={acceptance.error} />}
        <input type="hidden" name="username" autoComplete="username" value={name} readOnly />
        <NewPasswordField
          label={t('setup.password')}
          value={password}
          accountName={name}
          onChange={setPassword}
        />
        <Button type="submit" fullWidth loading={acceptance.isPending} disabled={!isReady}>
          {t('invitation.submit')}
        </Button>
        <p className="hf-soft">{t('invitation.expires', { time: left })}</p>
      </form>
    </Door>
  );
}
