import { useTranslation } from 'react-i18next';
import classes from './version-text.module.css';

export interface VersionTextProps {
  readonly version: string;
  readonly release: number;
  readonly isUrgent?: boolean;
}

/** A version for people, its release on hover, and whether nobody waits with it. */
export function VersionText({ version, release, isUrgent = false }: VersionTextProps) {
  const { t } = useTranslation('components');
  return (
    <span className={classes.version} title={t('releaseNumber', { release })}>
      <span className={classes.text}>{version}</span>
      {isUrgent ? (
        <span className={classes.urgent} title={t('urgentHelp')}>
          {t('urgent')}
        </span>
      ) : null}
    </span>
  );
}
