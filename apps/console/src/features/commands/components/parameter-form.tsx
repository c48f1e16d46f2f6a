import { NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { OptionalDurationField } from '../../../shared/forms/duration-field.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { unitMs } from '../../../shared/time/duration.ts';
import {
  type DurationParameter,
  fits,
  type ParameterField,
  type ParameterValues,
  unitMsOf,
} from '../parameter-fields.ts';

export interface ParameterFormProps {
  readonly fields: readonly ParameterField[];
  readonly values: ParameterValues;
  readonly onChange: (values: ParameterValues) => void;
}

/** The parameters of a command, as its type describes them. */
export function ParameterForm({ fields, values, onChange }: ParameterFormProps) {
  return fields.map((field) => (
    <Field
      key={field.name}
      field={field}
      value={values[field.name]}
      onChange={(value) => onChange({ ...values, [field.name]: value })}
    />
  ));
}

interface FieldProps {
  readonly field: ParameterField;
  readonly value: ParameterValues[string];
  readonly onChange: (value: ParameterValues[string]) => void;
}

function Field({ field, value, onChange }: FieldProps) {
  const { t } = useTranslation('commands');
  const texts = { label: field.title, description: field.help, withAsterisk: field.isNeeded };
  const isWrong = value !== undefined && value !== '' && !fits(field, value);
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
          error={isWrong ? t('parameters.range', { min: field.min, max: field.max }) : undefined}
          onChange={(amount) => onChange(typeof amount === 'number' ? amount : undefined)}
        />
      );
    case 'duration':
      return <DurationParameterField field={field} value={value} onChange={onChange} />;
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
        maxLength: field.maxLength,
        error: isWrong ? t('parameters.length', { min: field.minLength, max: field.maxLength }) : undefined,
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

function DurationParameterField({ field, value, onChange }: DurationParameterFieldProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  const stepMs = unitMsOf(field);
  const isWrong = value !== undefined && value !== '' && !fits(field, value);
  return (
    <OptionalDurationField
      label={field.title}
      description={field.help}
      isNeeded={field.isNeeded}
      valueMs={typeof value === 'number' ? value * stepMs : undefined}
      units={offeredUnits.filter((unit) => unitMs[unit] >= stepMs && unitMs[unit] <= field.max * stepMs)}
      error={
        isWrong
          ? t('parameters.durationRange', {
              min: format.duration(field.min * stepMs),
              max: format.duration(field.max * stepMs),
            })
          : undefined
      }
      onChange={(valueMs) => onChange(valueMs === undefined ? undefined : valueMs / stepMs)}
    />
  );
}
