import type { Presence, PresenceReason, PresenceStatus } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.ts';
import { StatusLabel, type StatusTone } from '../page/status-label.tsx';
import { useTicking } from '../time/use-ticking.ts';

export const presenceTones: Readonly<Record<PresenceStatus, StatusTone>> = {
  online: 'good',
  'timed-out': 'attention',
  offline: 'idle',
  'service-stopped': 'attention',
  idle: 'idle',
  roaming: 'running',
  disabled: 'idle',
};

/** Reasons that say what is the matter; all others say by what the device was seen. */
const clauses: ReadonlySet<PresenceReason> = new Set([
  'agent-stopped',
  'disabled',
  'idle-hours',
  'before-restart',
  'port-closed',
]);

export interface PresenceLabelProps {
  readonly presence: Presence;
  /** `full` adds the reason: "seen 12 s ago by UDP heartbeat". */
  readonly detail: 'seen' | 'full' | 'none';
}

/** Dot, word and when it was last seen; the whole sentence on hover. */
export function PresenceLabel({ presence, detail }: PresenceLabelProps) {
  const { t } = useTranslation('common');
  const format = useFormat();
  const seenMs = presence.lastSeenAt === null ? undefined : Date.parse(presence.lastSeenAt);
  const ago = useTicking((nowMs) => (seenMs === undefined ? '' : format.ago(nowMs, seenMs)));
  const status = t(`presence.status.${presence.status}`);
  const reason = t(`presence.reason.${presence.reason}`);
  // What the server remembers from before its start is no news of the device.
  const isRemembered = presence.reason === 'before-restart';
  const sentence =
    seenMs === undefined
      ? t('presence.sentenceNever', { status, reason })
      : t('presence.sentence', { status, ago, reason });
  // That a silent device is silent says nothing that its state does not say.
  const seen =
    presence.reason === 'silent'
      ? t('presence.seen', { ago })
      : `${t('presence.seen', { ago })}${clauses.has(presence.reason) ? ', ' : ' '}${reason}`;
  const title = seenMs === undefined ? sentence : `${sentence} (${format.exact(seenMs)})`;
  return (
    <StatusLabel
      tone={isRemembered ? 'idle' : presenceTones[presence.status]}
      text={status}
      title={title}
      isHollow={presence.status === 'disabled'}
      isWrapping={detail === 'full'}
    >
      {detail === 'seen'
        ? seenMs === undefined
          ? t('presence.neverSeen')
          : isRemembered
            ? reason
            : ago
        : null}
      {detail === 'full' ? (seenMs === undefined ? reason : seen) : null}
    </StatusLabel>
  );
}
