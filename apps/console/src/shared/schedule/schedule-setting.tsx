import { createAlwaysWorking, describeSchedule, type Schedule } from '@holdfast/api';
import { Button, Select } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type SchedulePreset, schedulePresets } from './schedule-editing.ts';
import {
  createHistory,
  recordChange,
  redoChange,
  type ScheduleHistory,
  undoChange,
} from './schedule-history.ts';
import { ScheduleBar } from './schedule-bar.tsx';
import classes from './schedule-setting.module.css';

export interface ScheduleSettingProps {
  readonly schedule: Schedule;
  readonly isReadOnly: boolean;
  readonly onChange: (schedule: Schedule) => void;
}

const presets = Object.keys(schedulePresets) as readonly SchedulePreset[];

/** The hours of a group: its place, starting points, and the bar. */
export function ScheduleSetting({ schedule, isReadOnly, onChange }: ScheduleSettingProps) {
  const { t } = useTranslation('communication');
  const [history, setHistory] = useState(() => createHistory(schedule));
  // Saved, discarded, or changed by somebody else: nothing of what was before can be taken back.
  if (history.present !== schedule) setHistory(createHistory(schedule));
  const go = (next: ScheduleHistory): void => {
    if (next === history) return;
    setHistory(next);
    onChange(next.present);
  };
  const change = (next: Schedule): void => go(recordChange(history, next));
  // The place of the group may be one that this browser does not list.
  const zones = useMemo(
    () => [...new Set(['UTC', schedule.timeZone, ...Intl.supportedValuesOf('timeZone')])].sort(),
    [schedule.timeZone],
  );
  return (
    <div className={classes.setting}>
      <div className={classes.tools}>
        <Select
          label={t('schedule.timeZone')}
          description={t('schedule.timeZoneHelp')}
          searchable
          allowDeselect={false}
          readOnly={isReadOnly}
          data={zones}
          value={schedule.timeZone}
          nothingFoundMessage={t('schedule.noZone')}
          onChange={(timeZone) => {
            if (timeZone !== null) change({ ...schedule, timeZone });
          }}
        />
        {isReadOnly ? null : (
          <div className={classes.presets} role="group" aria-label={t('schedule.presets')}>
            {presets.map((preset) => (
              <Button
                key={preset}
                size="compact-sm"
                variant="default"
                onClick={() => change({ ...schedule, week: [...schedulePresets[preset]] })}
              >
                {t(`schedule.preset.${preset}`)}
              </Button>
            ))}
          </div>
        )}
      </div>
      <ScheduleBar
        schedule={schedule}
        isReadOnly={isReadOnly}
        onChange={change}
        onUndo={() => go(undoChange(history))}
        onRedo={() => go(redoChange(history))}
      />
      <p>{describeSchedule(schedule)}</p>
    </div>
  );
}

/** Where an own schedule begins: always working, by the clock of whoever makes it. */
export function createOwnSchedule(): Schedule {
  return createAlwaysWorking(Intl.DateTimeFormat().resolvedOptions().timeZone);
}
