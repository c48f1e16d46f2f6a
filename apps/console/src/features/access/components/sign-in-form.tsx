import { ApiError, type CurrentSession, signIn } from '@holdfast/api';
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../../shared/api/services.ts';
import { FormError } from '../../../shared/dialogs/form-dialog.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { findThrottleMs } from '../throttle.ts';

export interface SignInFormProps {
  readonly name?: string | undefined;
  readonly onSignedIn: (session: CurrentSession) => void;
}

export function SignInForm({ name: givenName, onSignedIn }: SignInFormProps) {
  const { t } = useTranslation('access');
  const { api, ticker } = useServices();
  const [name, setName] = useState(givenName ?? '');
  const [password, setPassword] = useState('');
  const [isIncomplete, setIncomplete] = useState(false);
  const [closedUntilMs, setClosedUntilMs] = useState<number>();
  const attempt = useMutation({
    mutationFn: () => api.call(signIn, { body: { name: name.trim(), password } }),
    onSuccess: onSignedIn,
    onError: (error) => {
      setPassword('');
      const waitMs = findThrottleMs(error, ticker.now());
      setClosedUntilMs(waitMs === undefined ? undefined : ticker.now() + waitMs);
    },
  });
  const isClosed = useTicking((nowMs) => closedUntilMs !== undefined && nowMs < closedUntilMs);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const isMissing = name.trim() === '' || password === '';
    setIncomplete(isMissing);
    if (!isMissing && !isClosed) attempt.mutate();
  };

  return (
    <form onSubmit={submit} noValidate>
      <SignInProblem error={attempt.error} closedUntilMs={closedUntilMs} />
      {isIncomplete ? (
        <Notice tone="attention" role="alert">
          {t('signIn.required')}
        </Notice>
      ) : null}
      <TextInput
        label={t('signIn.name')}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        value={name}
        autoFocus={givenName === undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label={t('signIn.password')}
        name="password"
        autoComplete="current-password"
        maxLength={1024}
        value={password}
        autoFocus={givenName !== undefined}
        // In a dialog, it is the dialog that gives the focus.
        data-autofocus={givenName === undefined ? undefined : true}
        visibilityToggleButtonProps={{ 'aria-label': t('password.show') }}
        onChange={(event) => setPassword(event.currentTarget.value)}
      />
      <Button type="submit" fullWidth loading={attempt.isPending} disabled={isClosed}>
        {t('signIn.submit')}
      </Button>
    </form>
  );
}

interface SignInProblemProps {
  readonly error: Error | null;
  readonly closedUntilMs: number | undefined;
}

function SignInProblem({ error, closedUntilMs }: SignInProblemProps) {
  const { t } = useTranslation('access');
  const format = useFormat();
  const leftMs = useTicking((nowMs) =>
    closedUntilMs === undefined ? 0 : Math.max(0, closedUntilMs - nowMs),
  );
  if (error === null) return null;
  if (closedUntilMs !== undefined) {
    const isKnown = leftMs >= 1_000;
    return (
      <Notice tone="attention" role="alert">
        <strong>{t('signIn.throttledTitle')}</strong>
        <p>
          {isKnown ? t('signIn.throttled', { time: format.duration(leftMs) }) : t('signIn.throttledUnknown')}
        </p>
      </Notice>
    );
  }
  if (error instanceof ApiError && error.status === 401) {
    return (
      <Notice tone="failed" role="alert">
        <strong>{t('signIn.refused')}</strong>
        <p>{t('signIn.refusedHelp')}</p>
      </Notice>
    );
  }
  return <FormError error={error} />;
}
