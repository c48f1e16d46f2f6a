import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { type CommandTargets, commandPlanQuery } from '../api/command-plan-query.ts';
import { judgeWaits } from '../idle-wait.ts';

export interface UrgentSwitchProps {
  readonly isUrgent: boolean;
  readonly onChange: (isUrgent: boolean) => void;
  /** For whom, once that is settled: says how many of them wait, and for how long. */
  readonly targets?: CommandTargets | undefined;
  /** What is ordered. */
  readonly type?: string;
  readonly expiryMs?: number;
}

/** Whether an order passes in idle hours too, and what becomes of it if not. */
export function UrgentSwitch({ isUrgent, onChange, targets, type = '', expiryMs = 0 }: UrgentSwitchProps) {
  const { t } = useTranslation('commands');
  return (
    <>
      <Switch
        label={t('urgent.label')}
        description={t('urgent.explanation')}
        checked={isUrgent}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {isUrgent || targets === undefined ? null : (
        <IdleHoursNotice targets={targets} type={type} expiryMs={expiryMs} onUrgent={() => onChange(true)} />
      )}
    </>
  );
}

interface IdleHoursNoticeProps {
  readonly targets: CommandTargets;
  readonly type: string;
  readonly expiryMs: number;
  readonly onUrgent: () => void;
}

function IdleHoursNotice({ targets, type, expiryMs, onUrgent }: IdleHoursNoticeProps) {
  const { t } = useTranslation('commands');
  const { api, ticker } = useServices();
  const format = useFormat();
  const plan = useQuery(commandPlanQuery(api, targets, type)).data;
  if (plan === undefined) return null;
  const wait = judgeWaits(plan.waits, ticker.now() + expiryMs);
  if (wait.lateCount > 0) {
    const { lateCount: count, lastLateBeginMs } = wait;
    return (
      <Notice
        tone="attention"
        role="status"
        action={
          <Button size="compact-sm" variant="default" onClick={onUrgent}>
            {t('idle.makeUrgent')}
          </Button>
        }
      >
        {lastLateBeginMs === undefined
          ? t('idle.never', { count })
          : t('idle.late', { count, at: format.dateTime(lastLateBeginMs) })}
      </Notice>
    );
  }
  if (wait.lastBeginMs === undefined) return null;
  return (
    <Notice tone="info">
      {t('idle.waits', { count: wait.waitingCount, at: format.dateTime(wait.lastBeginMs) })}
    </Notice>
  );
}
