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
  readonly isNeeded?: boolean;
  readonly isReadOnly?: boolean;
}

/** A number and its unit. Zero stands for an empty field. */
export function DurationField({ valueMs, onChange, ...rest }: DurationFieldProps) {
  return (
    <OptionalDurationField
      {...rest}
      valueMs={valueMs === 0 ? undefined : valueMs}
      onChange={(nextMs) => onChange(nextMs ?? 0)}
    />
  );
}

export interface OptionalDurationFieldProps extends Omit<DurationFieldProps, 'valueMs' | 'onChange'> {
  /** Undefined: the field is empty, which is something else than a duration of zero. */
  readonly valueMs: number | undefined;
  readonly onChange: (valueMs: number | undefined) => void;
}

/** The same for a duration that may be zero. */
export function OptionalDurationField(props: OptionalDurationFieldProps) {
  const { t } = useTranslation('common');
  const id = useId();
  const [firstUnit] = props.units;
  const split = (valueMs: number | undefined, unit = firstUnit): Shown =>
    valueMs === undefined || valueMs === 0
      ? { amount: valueMs, unit: unit ?? 'second' }
      : splitDuration(valueMs);
  const [shown, setShown] = useState<Shown>(() => split(props.valueMs));
  const [known, setKnown] = useState(props.valueMs);
  if (known !== props.valueMs) {
    setKnown(props.valueMs);
    if (join(shown) !== props.valueMs) setShown(split(props.valueMs, shown.unit));
  }
  const change = (next: Shown): void => {
    setShown(next);
    setKnown(join(next));
    props.onChange(join(next));
  };
  return (
    <Input.Wrapper
      id={id}
      label={props.label}
      description={props.description}
      error={props.error}
      withAsterisk={props.isNeeded ?? false}
      labelElement="div"
    >
      <div className={classes.fields}>
        <NumberInput
          className={classes.amount ?? ''}
          aria-label={t('durationInput.amount', { label: props.label })}
          value={shown.amount ?? ''}
          min={0}
          allowNegative={false}
          decimalScale={0}
          readOnly={props.isReadOnly ?? false}
          error={props.error !== undefined}
          onChange={(amount) =>
            change({ amount: typeof amount === 'number' ? amount : undefined, unit: shown.unit })
          }
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

interface Shown {
  readonly amount: number | undefined;
  readonly unit: DurationInputValue['unit'];
}

function join({ amount, unit }: Shown): number | undefined {
  return amount === undefined ? undefined : joinDuration({ amount, unit });
}
