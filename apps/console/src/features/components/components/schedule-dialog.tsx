import { type ComponentSchedule, setComponentSchedule } from '@holdfast/api';
import { Checkbox, Switch, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { DurationField } from '../../../shared/forms/duration-field.tsx';
import { createOwnSchedule, ScheduleSetting } from '../../../shared/schedule/schedule-setting.tsx';
import { componentsKey } from '../api/component-key.ts';

export interface ScheduleDialogProps {
  readonly schedule: ComponentSchedule;
  readonly onClose: () => void;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const leastMinutes = 15;
const mostMinutes = 40_320;

/** When downloads begin by themselves. */
export function ScheduleDialog({ schedule, onClose }: ScheduleDialogProps) {
  // The texts of the hours as well: a dialog that waits for them later is gone for that moment.
  const { t } = useTranslation(['components', 'communication']);
  const api = useApi();
  const queryClient = useQueryClient();
  const [isEnabled, setEnabled] = useState(schedule.isEnabled);
  const [everyMinutes, setEveryMinutes] = useState(schedule.everyMinutes);
  const [startTime, setStartTime] = useState(schedule.startTime ?? '');
  const [hours, setHours] = useState(schedule.hours);
  // What was open is what is changed, although the page has asked again meanwhile.
  const [revision] = useState(schedule.revision);
  // A time of day counts for them alone.
  const isWholeDays = everyMinutes > 0 && everyMinutes % DAY_MINUTES === 0;
  const error =
    everyMinutes < leastMinutes
      ? t('schedule.tooOften')
      : everyMinutes > mostMinutes
        ? t('schedule.tooSeldom')
        : undefined;
  return (
    <FormDialog
      title={t('schedule.title')}
      submitText={t('sources.save')}
      size="lg"
      isReady={error === undefined && Number.isInteger(everyMinutes)}
      onSubmit={async () => {
        await api.call(setComponentSchedule, {
          body: {
            isEnabled,
            everyMinutes,
            startTime: isWholeDays && startTime !== '' ? startTime : null,
            hours,
            revision,
          },
        });
        await queryClient.invalidateQueries({ queryKey: componentsKey });
        onClose();
      }}
      onClose={onClose}
    >
      <Switch
        label={t('schedule.enable')}
        description={t('schedule.enableHelp')}
        checked={isEnabled}
        data-autofocus
        onChange={(event) => setEnabled(event.currentTarget.checked)}
      />
      <DurationField
        label={t('schedule.interval')}
        description={t('schedule.intervalHelp')}
        error={error}
        valueMs={everyMinutes * MINUTE_MS}
        units={['minute', 'hour', 'day']}
        onChange={(valueMs) => setEveryMinutes(valueMs / MINUTE_MS)}
      />
      {isWholeDays ? (
        <TextInput
          type="time"
          label={t('schedule.startTime')}
          description={t(hours === null ? 'schedule.startTimeServer' : 'schedule.startTimePlace')}
          value={startTime}
          onChange={(event) => setStartTime(event.currentTarget.value.slice(0, 5))}
        />
      ) : null}
      <Checkbox
        label={t('schedule.limit')}
        description={t('schedule.limitHelp')}
        checked={hours !== null}
        onChange={(event) => setHours(event.currentTarget.checked ? createOwnSchedule() : null)}
      />
      {hours === null ? null : <ScheduleSetting schedule={hours} isReadOnly={false} onChange={setHours} />}
    </FormDialog>
  );
}
