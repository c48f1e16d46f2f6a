import { checkPassword, minPasswordCharacters } from '@holdfast/api';
import { PasswordInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import classes from './new-password-field.module.css';

export interface NewPasswordFieldProps {
  readonly label: string;
  readonly value: string;
  /** Name of the account: a password made of it is weak. */
  readonly accountName: string | undefined;
  /** Secret of the link with which the password is chosen; left out in a session. */
  readonly linkSecret?: string | undefined;
  readonly onChange: (value: string) => void;
}

const pauseMs = 250;

/** A new password and how strong the server finds it, while it is typed. */
export function NewPasswordField({ label, value, accountName, linkSecret, onChange }: NewPasswordFieldProps) {
  const { t } = useTranslation('access');
  const verdict = usePasswordVerdict(value, accountName, linkSecret);
  const score = verdict?.score ?? 0;
  const level = (['0', '1', '2', '3', '4'] as const)[score] ?? '0';
  return (
    <div>
      <PasswordInput
        label={label}
        name="new-password"
        autoComplete="new-password"
        maxLength={1024}
        value={value}
        visibilityToggleButtonProps={{ 'aria-label': t('password.show') }}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <div
        className={classes.meter}
        data-score={verdict === undefined ? undefined : score}
        aria-hidden="true"
      >
        <span />
        <span />
        <span />
        <span />
      </div>
      <div className={classes.hint} role="status">
        {verdict === undefined ? (
          t('password.help', { count: minPasswordCharacters })
        ) : (
          <>
            <span>{t('password.strength', { level: t(`password.level.${level}`) })}</span>
            {verdict.hints.map((hint) => (
              <span key={hint}>{hint}</span>
            ))}
          </>
        )}
      </div>
    </div>
  );
}

export interface PasswordVerdict {
  readonly isAccepted: boolean;
  readonly score: number;
  readonly hints: readonly string[];
}

export function usePasswordVerdict(
  password: string,
  accountName: string | undefined,
  linkSecret?: string,
): PasswordVerdict | undefined {
  const api = useApi();
  const [settled] = useDebouncedValue(password, pauseMs);
  const name = accountName === '' ? undefined : accountName;
  const check = useQuery({
    // Never cached beyond the page: the key holds what was typed.
    queryKey: ['password-check', settled, name, linkSecret],
    queryFn: ({ signal }) =>
      api.call(checkPassword, {
        body: {
          password: settled,
          ...(name === undefined ? {} : { name }),
          ...(linkSecret === undefined ? {} : { secret: linkSecret }),
        },
        signal,
      }),
    enabled: settled !== '',
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    placeholderData: keepPreviousData,
  });
  return settled === '' ? undefined : check.data;
}
