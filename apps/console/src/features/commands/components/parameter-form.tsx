import type { DurationParameter, ParameterField } from '@holdfast/api';
import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { OptionalDurationField } from '../../../shared/forms/duration-field.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { unitMs } from '../../../shared/time/duration.ts';
import type { ParameterValue, ParameterValues } from '../parameter-values.ts';

export interface ParameterFormProps {
  readonly fields: readonly ParameterField[];
  readonly values: ParameterValues;
  /** What each that does not fit has to be. */
  readonly expected: ReadonlyMap<string, string>;
  readonly onChange: (values: ParameterValues) => void;
}

/** The parameters of a command, as its type describes them. */
export function ParameterForm({ fields, values, expected, onChange }: ParameterFormProps) {
  return fields.map((field) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name]}
      expected={expected.get(field.name)}
      onChange={(value) => onChange({ ...values, [field.name]: value })}
    />
  ));
}

interface FieldProps {
  readonly field: ParameterField;
  readonly value: ParameterValue;
  readonly expected: string | undefined;
  readonly onChange: (value: ParameterValue) => void;
}

function Field({ field, value, expected, onChange }: FieldProps) {
  const { t } = useTranslation('commands');
  const texts = { label: field.title, description: field.help, withAsterisk: field.isNeeded };
  const error = expected === undefined ? undefined : t('parameters.expected', { expected });
  switch (field.kind) {
    case 'choice':
      return (
        <Select
          {...texts}
          placeholder={t('parameters.choose')}
          value={typeof value === 'string' ? value : null}
          data={[...field.choices]}
          allowDeselect={!field.isNeeded}
          onChange={(choice) => onChange(choice ?? undefined)}
        />
      );
    case 'integer':
      return (
        <NumberInput
          {...texts}
          value={typeof value === 'number' ? value : ''}
          allowDecimal={false}
          allowNegative={field.min < 0}
          suffix={field.unit === undefined ? '' : ` ${field.unit}`}
          error={error}
          onChange={(amount) => onChange(typeof amount === 'number' ? amount : undefined)}
        />
      );
    case 'duration':
      return <DurationParameterField field={field} value={value} expected={expected} onChange={onChange} />;
    case 'switch':
      return (
        <Switch
          label={field.title}
          description={field.help}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'text': {
      const shared = {
        ...texts,
        value: typeof value === 'string' ? value : '',
        error,
      };
      return field.isLong ? (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          maxRows={10}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...shared} onChange={(event) => onChange(event.currentTarget.value)} />
      );
    }
  }
}

interface DurationParameterFieldProps extends FieldProps {
  readonly field: DurationParameter;
}

const offeredUnits = ['second', 'minute', 'hour', 'day'] as const;

function DurationParameterField({ field, value, expected, onChange }: DurationParameterFieldProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  const stepMs = field.unitMs;
  return (
    <OptionalDurationField
      label={field.title}
      description={field.help}
      isNeeded={field.isNeeded}
      valueMs={typeof value === 'number' ? value * stepMs : undefined}
      units={offeredUnits.filter((unit) => unitMs[unit] >= stepMs && unitMs[unit] <= field.max * stepMs)}
      error={
        expected === undefined
          ? undefined
          : t('parameters.durationRange', {
              min: format.duration(field.min * stepMs),
              max: format.duration(field.max * stepMs),
            })
      }
      onChange={(valueMs) => onChange(valueMs === undefined ? undefined : valueMs / stepMs)}
    />
  );
}
