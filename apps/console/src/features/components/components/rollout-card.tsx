import type { ComponentRollout, RolloutStage } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '../../../shared/icons/icons.ts';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card } from '../../../shared/page/card.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { stageSharesOf, stageStateOf, stoppingStageOf } from '../rollout-progress.ts';
import { RolloutDecisionDialog, type RolloutDecision } from './rollout-decision-dialog.tsx';
import { RolloutState } from './rollout-state.tsx';
import { ShareBar } from './share-bar.tsx';
import { useGroupText } from './stage-words.ts';
import classes from './rollout-card.module.css';

export interface RolloutCardProps {
  readonly rollout: ComponentRollout;
}

/** A release on its way: each stage with its devices, and what can be decided about it. */
export function RolloutCard({ rollout }: RolloutCardProps) {
  const { t } = useTranslation('components');
  const mayDeploy = usePermission('components:deploy');
  const [decision, setDecision] = useState<RolloutDecision>();
  const { componentId, componentTitle, release, planName, startedAt, state, stages } = rollout;
  return (
    <Card
      title={t('rollout.title', { title: componentTitle, release })}
      aside={<RolloutState rollout={rollout} />}
    >
      <p className={`${classes.facts} hf-soft`}>
        <span>{t('rollout.byPlan', { name: planName })}</span>
        <span>
          {t('rollout.arrived')} <RelativeTimeLabel at={startedAt} />
        </span>
        <Link to="/components/id/$componentId" params={{ componentId }}>
          {t('rollout.toComponent')}
        </Link>
      </p>
      {state === 'stopped' ? <StopNotice rollout={rollout} /> : null}
      <ol className={classes.stages}>
        {stages.map((stage, index) => (
          // Two stages may be of one group.
          <Stage
            key={`${index}-${stage.groupId}`}
            stage={stage}
            number={index + 1}
            isStopped={state === 'stopped'}
          />
        ))}
      </ol>
      {mayDeploy ? (
        <div className={classes.actions}>
          {state === 'stopped' ? (
            <Button variant="default" onClick={() => setDecision('resume')}>
              {t('rollout.resume')}
            </Button>
          ) : null}
          <Button variant="default" onClick={() => setDecision('complete')}>
            {t('rollout.complete')}
          </Button>
          <Button variant="default" c="var(--hf-failed)" onClick={() => setDecision('cancel')}>
            {t('rollout.cancel')}
          </Button>
        </div>
      ) : null}
      {decision === undefined ? null : (
        <RolloutDecisionDialog rollout={rollout} decision={decision} onClose={() => setDecision(undefined)} />
      )}
    </Card>
  );
}

function StopNotice({ rollout }: RolloutCardProps) {
  const { t } = useTranslation('components');
  const groupText = useGroupText();
  const stage = stoppingStageOf(rollout);
  return (
    <Notice tone="failed" icon={<IconAlertTriangle size={18} />}>
      <strong>
        {stage === undefined
          ? t('rollout.stopped')
          : t('rollout.stoppedAt', {
              group: groupText(stage.groupId, stage.groupName),
              count: stage.devices,
              failed: stage.failed,
              limit: stage.failurePercent,
            })}
      </strong>{' '}
      {t('rollout.stoppedHelp')}
    </Notice>
  );
}

interface StageProps {
  readonly stage: RolloutStage;
  readonly number: number;
  readonly isStopped: boolean;
}

function Stage({ stage, number, isStopped }: StageProps) {
  const { t } = useTranslation('components');
  const groupText = useGroupText();
  const { groupId, groupName, devices, successPercent, failurePercent } = stage;
  const group = groupText(groupId, groupName);
  const { updated, failed, rest } = stageSharesOf(stage);
  return (
    <li className={classes.stage}>
      <span className={classes.name}>
        <strong title={group}>{t('stage.of', { number, group })}</strong>
        <StageTime stage={stage} isStopped={isStopped} />
      </span>
      {devices === 0 ? (
        <span className="hf-soft">{t('stage.noDevices')}</span>
      ) : (
        <ShareBar
          label={t('stage.devices', { group })}
          total={devices}
          shares={[
            {
              id: 'updated',
              tone: 'good',
              count: updated,
              text: t('stage.updated', { count: updated, total: devices }),
              isKept: true,
            },
            { id: 'failed', tone: 'failed', count: failed, text: t('devices.failed', { count: failed }) },
            { id: 'rest', tone: 'idle', count: rest, text: t('stage.rest', { count: rest }) },
          ]}
        />
      )}
      <span className={classes.rules}>
        {successPercent === 0 ? t('stage.waitsForNobody') : t('stage.goesOnAt', { percent: successPercent })}
        <br />
        {failurePercent === null ? t('stage.neverStops') : t('stage.stopsAbove', { percent: failurePercent })}
      </span>
    </li>
  );
}

interface StageTimeProps {
  readonly stage: RolloutStage;
  readonly isStopped: boolean;
}

function StageTime({ stage, isStopped }: StageTimeProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  const state = useTicking((nowMs) => stageStateOf(stage, nowMs));
  const { passedAt, begunAt, dueAt } = stage;
  if (state === 'passed' && passedAt !== null)
    return (
      <span className="hf-soft">
        {t('stage.state.passed')} <RelativeTimeLabel at={passedAt} />
      </span>
    );
  if (state === 'begun' && begunAt !== null)
    return (
      <span className="hf-soft">
        {t('stage.state.begun')} <RelativeTimeLabel at={begunAt} />
      </span>
    );
  if (state === 'planned')
    return (
      <span className="hf-soft">
        {t('stage.state.planned', { time: format.dateTime(Date.parse(dueAt)) })}
      </span>
    );
  return <span className="hf-soft">{t(isStopped ? 'stage.state.held' : 'stage.state.waiting')}</span>;
}
