import { type ComponentSchedule, describeSchedule } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { lateComponent } from '../../../shared/late/late-component.tsx';
import { Card } from '../../../shared/page/card.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { StatusLabel } from '../../../shared/page/status-label.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { componentScheduleQuery } from '../api/component-queries.ts';
import { frequencyOf } from '../schedule-words.ts';

const ScheduleDialog = lateComponent(() => import('./schedule-dialog.tsx'), 'ScheduleDialog');

/** When downloads begin by themselves. */
export function ScheduleCard() {
  const { t } = useTranslation('components');
  const mayManage = usePermission('components:manage');
  const query = useQuery(componentScheduleQuery(useApi()));
  const [isOpen, setOpen] = useState(false);
  return (
    <Card
      title={t('schedule.title')}
      aside={
        mayManage && query.data !== undefined ? (
          <Button
            variant="default"
            size="compact-sm"
            aria-label={t('schedule.changeName')}
            onClick={() => setOpen(true)}
          >
            {t('sources.change')}
          </Button>
        ) : undefined
      }
    >
      <QueryView query={query}>
        {(schedule) => (
          <>
            <ScheduleFacts schedule={schedule} />
            {isOpen ? <ScheduleDialog schedule={schedule} onClose={() => setOpen(false)} /> : null}
          </>
        )}
      </QueryView>
    </Card>
  );
}

interface ScheduleFactsProps {
  readonly schedule: ComponentSchedule;
}

function ScheduleFacts({ schedule }: ScheduleFactsProps) {
  const { t } = useTranslation('components');
  const { isEnabled, hours, lastAt } = schedule;
  const frequency = frequencyOf(schedule);
  return (
    <Facts>
      <Fact name={t('schedule.state')}>
        {isEnabled ? (
          <StatusLabel tone="good" text={t('schedule.on')} />
        ) : (
          <StatusLabel tone="idle" text={t('schedule.off')} isHollow />
        )}
      </Fact>
      <Fact name={t('schedule.often')}>
        {t(`schedule.every.${frequency.unit}`, { count: frequency.count })}
        {frequency.unit === 'day' && frequency.startTime !== null
          ? ` ${t('schedule.at', { time: frequency.startTime })}`
          : null}
      </Fact>
      <Fact name={t('schedule.hours')}>
        {hours === null ? t('schedule.anyTime') : describeSchedule(hours)}
      </Fact>
      <Fact name={t('schedule.last')}>
        {lastAt === null ? t('schedule.never') : <RelativeTimeLabel at={lastAt} />}
      </Fact>
    </Facts>
  );
}
