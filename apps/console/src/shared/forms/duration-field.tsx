import { Input, NumberInput, Select } from '@mantine/core';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type DurationInputValue, joinDuration, splitDuration } from '../time/duration.ts';
import classes from './duration-field.module.css';

export interface DurationFieldProps {
  readonly label: string;
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly valueMs: number;
  readonly units: readonly DurationInputValue['unit'][];
  readonly onChange: (valueMs: number) => void;
  readonly isReadOnly?: boolean;
}

/** A number and its unit. Zero stands for an empty field. */
export function DurationField(props: DurationFieldProps) {
  const { t } = useTranslation('common');
  const id = useId();
  const [shown, setShown] = useState<DurationInputValue>(() => splitDuration(props.valueMs));
  const [known, setKnown] = useState(props.valueMs);
  if (known !== props.valueMs) {
    setKnown(props.valueMs);
    if (joinDuration(shown) !== props.valueMs) setShown(splitDuration(props.valueMs));
  }
  const change = (next: DurationInputValue): void => {
    setShown(next);
    setKnown(joinDuration(next));
    props.onChange(joinDuration(next));
  };
  return (
    <Input.Wrapper
      id={id}
      label={props.label}
      description={props.description}
      error={props.error}
      labelElement="div"
    >
      <div className={classes.fields}>
        <NumberInput
          className={classes.amount ?? ''}
          aria-label={t('durationInput.amount', { label: props.label })}
          value={shown.amount === 0 ? '' : shown.amount}
          min={0}
          allowNegative={false}
          decimalScale={0}
          readOnly={props.isReadOnly ?? false}
          error={props.error !== undefined}
          onChange={(amount) => change({ amount: typeof amount === 'number' ? amount : 0, unit: shown.unit })}
        />
        <Select
          className={classes.unit ?? ''}
          aria-label={t('durationInput.unit', { label: props.label })}
          value={shown.unit}
          allowDeselect={false}
          readOnly={props.isReadOnly ?? false}
          data={props.units.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
          onChange={(unit) => {
            const next = props.units.find((candidate) => candidate === unit);
            if (next !== undefined) change({ amount: shown.amount, unit: next });
          }}
        />
      </div>
    </Input.Wrapper>
  );
}
