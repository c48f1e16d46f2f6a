import { ApiError } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconBug, IconMapPinOff, IconRefresh } from '../shared/icons/icons.ts';
import { Link, useRouterState } from '@tanstack/react-router';
import type { PropsWithChildren, ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useServerAway } from '../shared/late/late-component.tsx';
import { ConsoleReplacedError } from '../shared/late/late-loader.ts';
import { ServerAway } from '../shared/late/server-away.tsx';
import { EmptyState, ErrorState, LoadingPage, LoadingState } from '../shared/page/states.tsx';
import classes from './page-states.module.css';

/** While the code of a page inside the shell is on its way: the shell has the landmark, this has the heading. */
export function PagePending() {
  return useServerAway() ? <ServerAway isPage /> : <LoadingPage />;
}

/** While a part of a page is on its way: the page around it has the heading. */
export function TabPending() {
  return useServerAway() ? <ServerAway isPage={false} /> : <LoadingState />;
}

/** The same without the shell around it: the console itself, or a page that one sees before being signed in. */
export function StandalonePending() {
  return (
    <main className={classes.standalone}>
      <PagePending />
    </main>
  );
}

/** Around all pages: until the first of them is known, the router itself draws nothing. */
export function RouterStart({ children }: PropsWithChildren): ReactElement {
  const isStarting = useRouterState({ select: (state) => state.matches.length === 0 });
  return (
    <>
      {isStarting ? <StandalonePending /> : null}
      {children}
    </>
  );
}

/** A crash or a missing answer without the shell around it. */
export function StandaloneCrash({ error, onRetry }: PageCrashProps & { readonly onRetry: () => void }) {
  return (
    <main className={classes.standalone}>
      {error instanceof ApiError && error.status === 0 ? (
        <ServerAway isPage onBack={onRetry} />
      ) : error instanceof ApiError ? (
        <ErrorState error={error} onRetry={onRetry} isPage />
      ) : (
        <PageCrash error={error} />
      )}
    </main>
  );
}

export function PageNotFound() {
  const { t } = useTranslation('common');
  return (
    <EmptyState
      icon={<IconMapPinOff size={28} stroke={1.5} />}
      isPage
      title={t('state.notFoundTitle')}
      text={t('state.notFoundText')}
      action={
        <Button variant="default" renderRoot={(props: Record<string, unknown>) => <Link to="/" {...props} />}>
          {t('state.notFoundAction')}
        </Button>
      }
    />
  );
}

export interface PageCrashProps {
  readonly error: unknown;
}

/** A part of a page: the page around it has the heading and goes on. */
export function TabCrash({ error }: PageCrashProps) {
  return <Crash error={error} isPage={false} />;
}

/** A bug, or a console that was replaced by a newer one while it was open. */
export function PageCrash({ error }: PageCrashProps) {
  return <Crash error={error} isPage />;
}

interface CrashProps extends PageCrashProps {
  readonly isPage: boolean;
}

function Crash({ error, isPage }: CrashProps) {
  const { t } = useTranslation('common');
  const isOutdated = error instanceof ConsoleReplacedError;
  return (
    <div role="alert">
      <EmptyState
        icon={isOutdated ? <IconRefresh size={28} stroke={1.5} /> : <IconBug size={28} stroke={1.5} />}
        isPage={isPage}
        title={isOutdated ? t('state.newVersion') : t(isPage ? 'state.crashedTitle' : 'state.crashedPart')}
        text={isOutdated ? undefined : t('state.crashedText')}
        action={
          <Button variant="default" onClick={() => window.location.reload()}>
            {t('action.reload')}
          </Button>
        }
      />
    </div>
  );
}
