import { ActionIcon, NumberInput, Select, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { OptionalDurationField } from '../../../shared/forms/duration-field.tsx';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import type { StageDraft } from '../plan-draft.ts';
import classes from './plan-dialog.module.css';

export interface StageFieldsProps {
  readonly draft: StageDraft;
  /** From 1 on. */
  readonly number: number;
  readonly onChange: (draft: StageDraft) => void;
  /** Absent where there is no way. */
  readonly onUp: (() => void) | undefined;
  readonly onDown: (() => void) | undefined;
  readonly onRemove: (() => void) | undefined;
}

const MINUTE_MS = 60_000;
const mostDelayMinutes = 43_200;

/** One stage of a plan while it is being written. */
export function StageFields({ draft, number, onChange, onUp, onDown, onRemove }: StageFieldsProps) {
  const { t } = useTranslation('components');
  const { begins } = draft;
  return (
    <li className={classes.stage}>
      <div className={classes.head}>
        <span className={classes.number}>{t('stage.number', { number })}</span>
        <span className={classes.tools}>
          <ActionIcon aria-label={t('stage.up', { number })} disabled={onUp === undefined} onClick={onUp}>
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon
            aria-label={t('stage.down', { number })}
            disabled={onDown === undefined}
            onClick={onDown}
          >
            <IconArrowDown size={16} />
          </ActionIcon>
          <ActionIcon
            aria-label={t('stage.remove', { number })}
            disabled={onRemove === undefined}
            onClick={onRemove}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </span>
      </div>
      <GroupSelect
        label={t('stage.group')}
        description={t('stage.groupHelp')}
        value={draft.groupId}
        onChange={(groupId) => onChange({ ...draft, groupId })}
      />
      <div className={classes.fields}>
        <Select
          label={t('stage.begins')}
          allowDeselect={false}
          data={[
            { value: 'after', label: t('stage.beginsAfter') },
            { value: 'at', label: t('stage.beginsAt') },
          ]}
          value={begins}
          onChange={(value) => onChange({ ...draft, begins: value === 'at' ? 'at' : 'after' })}
        />
        {begins === 'at' ? (
          <TextInput
            type="time"
            label={t('stage.time')}
            value={draft.startTime}
            onChange={(event) => onChange({ ...draft, startTime: event.currentTarget.value.slice(0, 5) })}
          />
        ) : (
          <OptionalDurationField
            label={t('stage.delay')}
            valueMs={draft.delayMinutes * MINUTE_MS}
            units={['minute', 'hour', 'day']}
            onChange={(valueMs) =>
              onChange({
                ...draft,
                delayMinutes: Math.min(mostDelayMinutes, Math.round((valueMs ?? 0) / MINUTE_MS)),
              })
            }
          />
        )}
        <Percent
          label={t('stage.success')}
          description={t('stage.successHelp')}
          value={draft.successPercent}
          onChange={(value) => onChange({ ...draft, successPercent: value ?? 0 })}
        />
        <Percent
          label={t('stage.failure')}
          description={t('stage.failureHelp')}
          value={draft.failurePercent}
          onChange={(failurePercent) => onChange({ ...draft, failurePercent })}
        />
      </div>
    </li>
  );
}

interface PercentProps {
  readonly label: string;
  readonly description: string;
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

function Percent({ label, description, value, onChange }: PercentProps) {
  return (
    <NumberInput
      label={label}
      description={description}
      value={value ?? ''}
      min={0}
      max={100}
      clampBehavior="strict"
      allowDecimal={false}
      allowNegative={false}
      suffix=" %"
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  );
}
