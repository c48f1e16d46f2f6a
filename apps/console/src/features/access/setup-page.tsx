import { createFirstAdministrator, type CurrentSession } from '@holdfast/api';
import { Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { FormError } from '../../shared/dialogs/form-dialog.tsx';
import { ErrorState, LoadingState } from '../../shared/page/states.tsx';
import { setupLinkQuery } from './api/setup-link-query.ts';
import { setupQuery } from './api/setup-query.ts';
import { EntryCard } from './components/entry-card.tsx';
import { NewPasswordField, usePasswordVerdict } from './components/new-password-field.tsx';
import { ServerCommand } from './components/server-command.tsx';
import { isLinkGone } from './link-gone.ts';
import { isSignInName } from './sign-in-name.ts';

export interface SetupPageProps {
  /** From the fragment of the link. */
  readonly secret: string | undefined;
  readonly onSignedIn: (session: CurrentSession) => void;
  readonly onSignIn: () => void;
}

export function SetupPage({ secret, onSignedIn, onSignIn }: SetupPageProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const setupState = useQuery(setupQuery(api));
  const setup = setupState.data;
  const [isEntering, setEntering] = useState(false);
  const link = useQuery({
    ...setupLinkQuery(api, secret ?? ''),
    enabled: secret !== undefined && setup?.isNeeded !== false,
  });

  // On the way in, nothing of what the link was for holds any more.
  if (isEntering) return <LinkLoading />;
  if (setup?.isNeeded === false) {
    return (
      <EntryCard title={t('setup.doneTitle')} text={t('setup.doneText')}>
        <Button onClick={onSignIn}>{t('setup.toSignIn')}</Button>
      </EntryCard>
    );
  }
  if (secret === undefined) {
    return (
      <EntryCard title={t('setup.noSecret')} text={t('setup.noSecretText')}>
        <ServerCommand />
      </EntryCard>
    );
  }
  if (isLinkGone(link.error)) return <LinkGone />;
  if (link.data === undefined) {
    return link.error === null ? (
      <LinkLoading />
    ) : (
      <EntryCard title={t('setup.title')}>
        <ErrorState error={link.error} onRetry={() => void link.refetch()} />
      </EntryCard>
    );
  }
  return (
    <SetupForm
      secret={secret}
      serverName={setup?.serverName}
      onSignedIn={(session) => {
        setEntering(true);
        onSignedIn(session);
      }}
      // Somebody else may have been quicker: the page then says so instead of the form.
      onRefused={() => void setupState.refetch()}
    />
  );
}

function LinkLoading() {
  const { t } = useTranslation('access');
  return (
    <EntryCard title={t('setup.title')}>
      <LoadingState lines={6} />
    </EntryCard>
  );
}

function LinkGone() {
  const { t } = useTranslation('access');
  return (
    <EntryCard title={t('setup.goneTitle')} text={t('setup.goneText')}>
      <ServerCommand />
    </EntryCard>
  );
}

interface SetupFormProps {
  readonly secret: string;
  readonly serverName: string | undefined;
  readonly onSignedIn: (session: CurrentSession) => void;
  readonly onRefused: () => void;
}

function SetupForm({ secret, serverName, onSignedIn, onRefused }: SetupFormProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const [name, setName] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const verdict = usePasswordVerdict(password, name, secret);
  const creation = useMutation({
    mutationFn: () => {
      const fullName = displayName.trim();
      return api.call(createFirstAdministrator, {
        body: {
          secret,
          name: name.trim(),
          password,
          ...(fullName === '' ? {} : { displayName: fullName }),
        },
      });
    },
    onSuccess: onSignedIn,
    onError: onRefused,
  });
  if (isLinkGone(creation.error)) return <LinkGone />;

  const isNameInvalid = name.trim() !== '' && !isSignInName(name.trim());
  const isReady = name.trim() !== '' && !isNameInvalid && verdict?.isAccepted === true;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (isReady && !creation.isPending) creation.mutate();
  };
  return (
    <EntryCard title={t('setup.title')} text={t('setup.text')}>
      <form onSubmit={submit} noValidate>
        {creation.error === null ? null : <FormError error={creation.error} />}
        <TextInput
          label={t('setup.name')}
          description={t('setup.nameHelp')}
          error={isNameInvalid ? t('setup.nameInvalid') : undefined}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
          value={name}
          autoFocus
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('setup.displayName')}
          description={t('setup.displayNameHelp')}
          name="name"
          autoComplete="name"
          maxLength={128}
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
        />
        <NewPasswordField
          label={t('setup.password')}
          value={password}
          accountName={name.trim()}
          linkSecret={secret}
          onChange={setPassword}
        />
        <Button type="submit" fullWidth loading={creation.isPending} disabled={!isReady}>
          {t('setup.submit')}
        </Button>
        <p className="hf-soft">
          {serverName === undefined ? t('setup.originPlain') : t('setup.origin', { server: serverName })}
        </p>
      </form>
    </EntryCard>
  );
}
