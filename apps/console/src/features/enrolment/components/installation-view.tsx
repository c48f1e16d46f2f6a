import type { AgentInstallation, AgentPlatformState } from '@holdfast/api';
import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { ErrorState } from '../../../shared/page/states.tsx';
import { installationQuery } from '../api/installation-query.ts';
import classes from './token-created.module.css';

export interface InstallationViewProps {
  readonly children: (installation: AgentInstallation) => ReactNode;
}

/** Waits for what the server serves, and says why there is none. */
export function InstallationView({ children }: InstallationViewProps) {
  const { t } = useTranslation('enrolment');
  const installation = useQuery(installationQuery(useApi()));
  if (installation.data === undefined)
    return installation.error === null ? (
      <p className={classes.preparing} role="status">
        <Loader size={16} aria-hidden="true" /> {t('install.preparing')}
      </p>
    ) : (
      <ErrorState error={installation.error} onRetry={() => void installation.refetch()} />
    );
  if (installation.data.platforms.every(({ archive }) => archive === null))
    return (
      <Notice tone="attention" role="note">
        <strong>{t('install.noneTitle')}</strong>
        <p>{t(`install.obstacle.${installation.data.platforms[0]?.obstacle ?? 'agent-not-built'}`)}</p>
      </Notice>
    );
  return children(installation.data);
}

interface PlatformListProps {
  readonly installation: AgentInstallation;
}

/** Which systems the server has an agent for, and what to do about the others. */
export function PlatformList({ installation }: PlatformListProps) {
  const { t } = useTranslation('enrolment');
  const without = installation.platforms.filter(({ archive }) => archive === null);
  const hasFailed = ({ obstacle }: AgentPlatformState): boolean =>
    obstacle === 'no-room' || obstacle === 'not-made';
  const failed = without.filter(hasFailed);
  const missing = without.filter((one) => !hasFailed(one));
  const served = installation.platforms.filter(({ archive }) => archive !== null);
  const names = (platforms: typeof missing): string =>
    platforms.map(({ platform }) => t(`platform.${platform}`)).join(', ');
  return (
    <p className="hf-soft">
      {t('install.serves', { systems: names(served), version: installation.version })}{' '}
      {missing.length === 0 ? null : t('install.missing', { systems: names(missing) })}
      {failed.length === 0 ? null : ` ${t('install.failed', { systems: names(failed) })}`}
    </p>
  );
}
