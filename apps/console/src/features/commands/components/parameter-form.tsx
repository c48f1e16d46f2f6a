import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fits, type ParameterField, type ParameterValues } from '../parameter-fields.ts';
import { useParameterTexts } from '../use-parameter-texts.ts';

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
  const texts = useParameterTexts();
  const label = texts.nameOf(field.name);
  switch (field.kind) {
    case 'choice':
      return (
        <Select
          label={label}
          placeholder={t('parameters.choose')}
          value={typeof value === 'string' ? value : null}
          data={field.choices.map((choice) => ({ value: choice, label: texts.choiceOf(field.name, choice) }))}
          allowDeselect={!field.isNeeded}
          onChange={(choice) => onChange(choice ?? undefined)}
        />
      );
    case 'integer':
      return (
        <NumberInput
          label={label}
          description={texts.helpOf(field.name)}
          value={typeof value === 'number' ? value : ''}
          allowDecimal={false}
          allowNegative={field.min < 0}
          suffix={texts.suffixOf(field.name)}
          error={
            value === undefined || value === '' || fits(field, value)
              ? undefined
              : t('parameters.range', { min: field.min, max: field.max })
          }
          onChange={(amount) => onChange(typeof amount === 'number' ? amount : undefined)}
        />
      );
    case 'switch':
      return (
        <Switch
          label={label}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'text':
      return (
        <TextInput
          label={label}
          value={typeof value === 'string' ? value : ''}
          maxLength={field.maxLength}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
