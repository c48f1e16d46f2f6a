import type { CommandTarget } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { CommandStateLabel } from './command-state.tsx';
import classes from './target-timeline.module.css';

export interface TargetTimelineProps {
  readonly target: CommandTarget;
}

/** Every step of a command at one device, with how long after the one before it came. */
export function TargetTimeline({ target }: TargetTimelineProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  return (
    <ol className={classes.timeline} aria-label={t('detail.timeline')}>
      {target.steps.map((step, index) => {
        const before = target.steps[index - 1];
        const sinceMs = before === undefined ? undefined : Date.parse(step.at) - Date.parse(before.at);
        return (
          <li key={`${step.state}-${step.at}`} className={classes.step}>
            <div className={classes.head}>
              <CommandStateLabel state={step.state} />
              <span className="hf-soft">
                <RelativeTimeLabel at={step.at} />
                {sinceMs === undefined ? null : ` (+${format.duration(Math.max(1, sinceMs))})`}
              </span>
            </div>
            <p className={classes.detail}>
              {step.detail === '' || isToldBelow(target, step) ? t(`stateHelp.${step.state}`) : step.detail}
              {target.waitsFor !== null && index === target.steps.length - 1
                ? ` · ${t(`waitsFor.${target.waitsFor}`)}`
                : ''}
            </p>
          </li>
        );
      })}
    </ol>
  );
}

/** Whether the notice of the failure says the same. */
function isToldBelow({ code, detail }: CommandTarget, step: CommandTarget['steps'][number]): boolean {
  return code !== null && step.state === 'failed' && step.detail === detail;
}
