import { deviceEncryptionStates, type PresenceStatus, presenceStatuses } from '@holdfast/api';
import {
  IconDeviceDesktop,
  IconLock,
  IconLockOpen,
  IconQuestionMark,
  IconTag,
} from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { Card } from '../../../shared/page/card.tsx';
import { StatusDot } from '../../../shared/page/status-label.tsx';
import { presenceTones } from '../../../shared/presence/presence-label.tsx';
import { agentVersions, countOfEncryption, type DirectorySummary } from '../api/summary-counts.ts';
import { CountRow } from './count-row.tsx';
import classes from './overview.module.css';

export interface DeviceCountsProps {
  readonly summary: DirectorySummary;
}

/** Shown also where they are zero: that nothing is offline is worth a line. */
const alwaysShown: ReadonlySet<PresenceStatus> = new Set(['online', 'timed-out', 'offline']);
const maxVersions = 8;

export function StatusCounts({ summary }: DeviceCountsProps) {
  const { t } = useTranslation(['directory', 'common']);
  const total = summary.deviceCount;
  return (
    <Card title={t('overview.status')}>
      <ul className={classes.rows}>
        <CountRow
          icon={<IconDeviceDesktop size={16} stroke={1.75} aria-hidden="true" />}
          text={t('overview.allDevices')}
          count={total}
          total={total}
          link={{ to: '/directory' }}
        />
        {presenceStatuses
          .filter((status) => alwaysShown.has(status) || (summary.byStatus[status] ?? 0) > 0)
          .map((status) => (
            <CountRow
              key={status}
              icon={<StatusDot tone={presenceTones[status]} isHollow={status === 'disabled'} />}
              text={t(`common:presence.status.${status}`)}
              count={summary.byStatus[status] ?? 0}
              total={total}
              link={{ to: '/directory', search: { status } }}
            />
          ))}
      </ul>
    </Card>
  );
}

const encryptionIcons = { encrypted: IconLock, 'not-encrypted': IconLockOpen, unknown: IconQuestionMark };
const encryptionTones = { encrypted: 'good', 'not-encrypted': 'attention', unknown: 'plain' } as const;

export function EncryptionCounts({ summary }: DeviceCountsProps) {
  const { t } = useTranslation(['directory', 'common']);
  return (
    <Card title={t('overview.encryption')}>
      <ul className={classes.rows}>
        {deviceEncryptionStates.map((state) => {
          const Icon = encryptionIcons[state];
          return (
            <CountRow
              key={state}
              icon={<Icon size={16} stroke={1.75} aria-hidden="true" />}
              tone={encryptionTones[state]}
              text={t(`common:encryption.${state}`)}
              count={countOfEncryption(summary, state)}
              total={summary.deviceCount}
              link={{ to: '/directory', search: { encryption: state } }}
            />
          );
        })}
      </ul>
    </Card>
  );
}

/** The versions that most devices run; the rest is in the filter of the list. */
export function AgentCounts({ summary }: DeviceCountsProps) {
  const { t } = useTranslation('directory');
  const versions = agentVersions(summary, undefined);
  if (versions.length === 0) return null;
  // The most frequent ones, in the order of the versions.
  const frequent = new Set(
    versions.toSorted((left, right) => (right.count ?? 0) - (left.count ?? 0)).slice(0, maxVersions),
  );
  const shown = versions.filter((version) => frequent.has(version));
  const rest = versions.length - shown.length;
  return (
    <Card
      title={t('overview.agents')}
      aside={rest === 0 ? undefined : t('overview.agentMore', { count: rest })}
    >
      <ul className={classes.rows}>
        {shown.map(({ version, count = 0 }) => (
          <CountRow
            key={version}
            icon={<IconTag size={16} stroke={1.75} aria-hidden="true" />}
            text={version}
            count={count}
            total={summary.deviceCount}
            link={{ to: '/directory', search: { agent: version } }}
          />
        ))}
      </ul>
    </Card>
  );
}
