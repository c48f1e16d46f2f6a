import {
  acceptInvitation,
  type CurrentSession,
  getInvitation,
  getRecovery,
  recoverPassword,
} from '@holdfast/api';
import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { FormError } from '../../shared/dialogs/form-dialog.tsx';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { ErrorState, LoadingState } from '../../shared/page/states.tsx';
import { useTicking } from '../../shared/time/use-ticking.ts';
import { EntryCard } from './components/entry-card.tsx';
import { NewPasswordField, usePasswordVerdict } from './components/new-password-field.tsx';
import { isLinkGone } from './link-gone.ts';

/** Both links open an account whose password is to be chosen: for the first time, or anew because it was lost. */
const routes = {
  invitation: { find: getInvitation, accept: acceptInvitation },
  recovery: { find: getRecovery, accept: recoverPassword },
} as const;

export interface InvitationPageProps {
  readonly kind: keyof typeof routes;
  readonly secret: string | undefined;
  readonly onSignedIn: (session: CurrentSession) => void;
}

export function InvitationPage({ kind, secret, onSignedIn }: InvitationPageProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const invitation = useQuery({
    queryKey: [kind, secret],
    queryFn: ({ signal }) => api.call(routes[kind].find, { body: { secret: secret ?? '' }, signal }),
    enabled: secret !== undefined,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  if (secret === undefined) {
    return <EntryCard title={t('setup.noSecret')}>{t(`${kind}.noSecretText`)}</EntryCard>;
  }
  if (isLinkGone(invitation.error)) {
    return <EntryCard title={t(`${kind}.goneTitle`)}>{t(`${kind}.goneText`)}</EntryCard>;
  }
  if (invitation.data === undefined) {
    return (
      <EntryCard title={t('signIn.title')}>
        {invitation.error === null ? (
          <LoadingState lines={4} />
        ) : (
          <ErrorState error={invitation.error} onRetry={() => void invitation.refetch()} />
        )}
      </EntryCard>
    );
  }
  return (
    <InvitationForm
      kind={kind}
      secret={secret}
      name={invitation.data.name}
      displayName={invitation.data.displayName}
      expiresAt={invitation.data.expiresAt}
      onSignedIn={onSignedIn}
    />
  );
}

interface InvitationFormProps extends Pick<InvitationPageProps, 'kind'> {
  readonly secret: string;
  readonly name: string;
  readonly displayName: string;
  readonly expiresAt: string;
  readonly onSignedIn: (session: CurrentSession) => void;
}

function InvitationForm({ kind, secret, name, displayName, expiresAt, onSignedIn }: InvitationFormProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const format = useFormat();
  const [password, setPassword] = useState('');
  const verdict = usePasswordVerdict(password, name, secret);
  const left = useTicking((nowMs) => format.duration(Date.parse(expiresAt) - nowMs));
  const acceptance = useMutation({
    mutationFn: () => api.call(routes[kind].accept, { body: { secret, password } }),
    onSuccess: onSignedIn,
  });
  const isReady = verdict?.isAccepted === true;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !acceptance.isPending) acceptance.mutate();
  };
  if (isLinkGone(acceptance.error)) {
    return <EntryCard title={t(`${kind}.goneTitle`)}>{t(`${kind}.goneText`)}</EntryCard>;
  }
  return (
    <EntryCard title={t(`${kind}.title`, { name: displayName })} text={t(`${kind}.text`, { name })}>
      <form onSubmit={submit} noValidate>
        {acceptance.error === null ? null : <FormError error={acceptance.error} />}
        <input type="hidden" name="username" autoComplete="username" value={name} readOnly />
        <NewPasswordField
          label={t('setup.password')}
          value={password}
          accountName={name}
          linkSecret={secret}
          onChange={setPassword}
        />
        <Button type="submit" fullWidth loading={acceptance.isPending} disabled={!isReady}>
          {t(`${kind}.submit`)}
        </Button>
        <p className="hf-soft">{t(`${kind}.expires`, { time: left })}</p>
      </form>
    </EntryCard>
  );
}
