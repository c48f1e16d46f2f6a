import type { CommandTarget } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Card, CardGrid } from '../../../shared/page/card.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { TargetProgress } from './target-progress.tsx';
import { TargetResult } from './target-result.tsx';
import { TargetTimeline } from './target-timeline.tsx';

export interface SingleTargetProps {
  readonly target: CommandTarget;
  readonly commandType: string;
}

/** A command for one device needs no list. */
export function SingleTarget({ target, commandType }: SingleTargetProps) {
  const { t } = useTranslation('commands');
  return (
    <CardGrid>
      <Card
        title={t('detail.timeline')}
        aside={
          target.deviceId === null ? (
            target.deviceName
          ) : (
            <Link to="/devices/$deviceId" params={{ deviceId: target.deviceId }}>
              {target.deviceName}
            </Link>
          )
        }
      >
        <TargetProgress target={target} />
        <TargetTimeline target={target} />
        <TargetNotices target={target} />
        <TargetFailure target={target} />
        <LogLink target={target} />
      </Card>
      {target.result === null ? null : (
        <Card title={t('detail.result')}>
          <TargetResult target={target} commandType={commandType} />
        </Card>
      )}
    </CardGrid>
  );
}

/** What the device reported from the moment on at which the command was given. */
export function LogLink({ target }: SingleTargetLink) {
  const { t } = useTranslation('commands');
  const maySee = usePermission('logs:read');
  const from = target.steps[0]?.at;
  if (!maySee || target.deviceId === null || from === undefined) return null;
  return (
    <Link to="/logs" search={{ device: target.deviceId, from }}>
      {t('detail.toLogs')}
    </Link>
  );
}

type SingleTargetLink = Pick<SingleTargetProps, 'target'>;

/** Why nothing can be done about it at this moment. */
export function TargetNotices({ target }: SingleTargetLink) {
  const { t } = useTranslation('commands');
  if (target.state === 'cancelling') return <Notice tone="info">{t('cancelling.waits')}</Notice>;
  const isTooOld = (target.state === 'accepted' || target.state === 'running') && !target.canCancel;
  return isTooOld ? <Notice tone="info">{t('cancelling.tooOld')}</Notice> : null;
}

export interface TargetFailureProps {
  readonly target: CommandTarget;
}

export function TargetFailure({ target }: TargetFailureProps) {
  const { t } = useTranslation('commands');
  if (target.code === null) return null;
  return (
    <Notice tone="failed" role="note">
      <strong>{target.detail}</strong>
      <div className="hf-soft">{t('detail.code', { code: target.code })}</div>
    </Notice>
  );
}
