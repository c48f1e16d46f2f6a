import { Button, Skeleton } from '@mantine/core';
import { IconAlertTriangle, IconFilterOff, IconLock } from '../icons/icons.ts';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorDetails, useErrorText } from '../notify/error-text.tsx';
import classes from './states.module.css';
import { useDocumentTitle } from './use-document-title.ts';

export interface EmptyStateProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly text?: ReactNode;
  /** The first step. */
  readonly action?: ReactNode;
  /** It stands for the whole page, whose heading it then is. */
  readonly isPage?: boolean;
}

export function EmptyState({ icon, title, text, action, isPage = false }: EmptyStateProps) {
  useDocumentTitle(isPage ? title : undefined);
  return (
    <div className={classes.state}>
      <span className={classes.icon} aria-hidden="true">
        {icon}
      </span>
      {isPage ? (
        <h1 className={classes.title} id="page-title" tabIndex={-1}>
          {title}
        </h1>
      ) : (
        <h2 className={classes.title}>{title}</h2>
      )}
      {text === undefined ? null : <div className={classes.text}>{text}</div>}
      {action === undefined ? null : <div className={classes.action}>{action}</div>}
    </div>
  );
}

export interface NoMatchProps {
  readonly title: string;
  readonly onClear: () => void;
}

export function NoMatch({ title, onClear }: NoMatchProps) {
  const { t } = useTranslation('common');
  return (
    <EmptyState
      icon={<IconFilterOff size={28} stroke={1.5} />}
      title={title}
      action={
        <Button variant="default" onClick={onClear}>
          {t('action.clearFilters')}
        </Button>
      }
    />
  );
}

export interface ErrorStateProps {
  readonly error: unknown;
  /** It stands for the whole page, whose heading it then is. */
  readonly isPage?: boolean;
  readonly onRetry?: (() => void) | undefined;
}

export function ErrorState({ error, isPage = false, onRetry }: ErrorStateProps) {
  const { t } = useTranslation('common');
  const { title } = useErrorText()(error);
  return (
    <div role="alert">
      <EmptyState
        icon={<IconAlertTriangle size={28} stroke={1.5} />}
        isPage={isPage}
        title={title}
        text={<ErrorDetails error={error} />}
        {...(onRetry === undefined
          ? {}
          : {
              action: (
                <Button variant="default" onClick={onRetry}>
                  {t('action.retry')}
                </Button>
              ),
            })}
      />
    </div>
  );
}

export interface NoPermissionProps {
  /** The sentence of the permission that is needed. */
  readonly permission: string;
  readonly isPage?: boolean;
}

export function NoPermission({ permission, isPage = false }: NoPermissionProps) {
  const { t } = useTranslation('common');
  return (
    <EmptyState
      icon={<IconLock size={28} stroke={1.5} />}
      isPage={isPage}
      title={t('state.noPermissionTitle')}
      text={t('state.noPermissionText', { permission })}
    />
  );
}

const skeletonDelayMs = 200;

export interface LoadingStateProps {
  readonly lines?: number;
}

/** Nothing for 200 ms, then grey lines: what comes at once does not flicker. */
export function LoadingState({ lines = 6 }: LoadingStateProps) {
  const { t } = useTranslation('common');
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), skeletonDelayMs);
    return () => clearTimeout(timer);
  }, []);
  if (!isShown) return <div className={classes.loading} />;
  return (
    <div className={classes.loading} role="status">
      <span className="hf-visually-hidden">{t('state.loading')}</span>
      {Array.from({ length: lines }, (_, index) => (
        <Skeleton key={index} height={14} width={`${92 - ((index * 17) % 40)}%`} />
      ))}
    </div>
  );
}

/** A whole page that is on its way: it has a heading from the first moment on, for those who do not see it. */
export function LoadingPage() {
  const { t } = useTranslation('common');
  return (
    <div className={classes.page}>
      <h1 className="hf-visually-hidden" data-loading>
        {t('state.loading')}
      </h1>
      <LoadingState />
    </div>
  );
}
