import type { CurrentSession } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { Notice } from '../../shared/page/notice.tsx';
import { setupQuery } from './api/setup-query.ts';
import { EntryCard } from './components/entry-card.tsx';
import { ServerCommand } from './components/server-command.tsx';
import { SignInForm } from './components/sign-in-form.tsx';

export interface SignInPageProps {
  readonly onSignedIn: (session: CurrentSession) => void;
}

export function SignInPage({ onSignedIn }: SignInPageProps) {
  const { t } = useTranslation('access');
  const setup = useQuery(setupQuery(useApi())).data;
  const server = setup === undefined ? undefined : t('signIn.server', { server: setup.serverName });
  if (setup?.isNeeded === true) {
    return (
      <EntryCard title={t('signIn.title')} text={server}>
        <Notice tone="info">
          <strong>{t('signIn.setupNeeded')}</strong>
          <p>{t('signIn.setupHelp')}</p>
        </Notice>
        <ServerCommand />
      </EntryCard>
    );
  }
  return (
    <EntryCard title={t('signIn.title')} text={server}>
      <SignInForm onSignedIn={onSignedIn} />
    </EntryCard>
  );
}
