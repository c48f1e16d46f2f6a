import { MultiSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useSession } from '../../../shared/session/session-context.ts';
import { eventTypesQuery } from '../api/webhook-queries.ts';
import { eventChoices } from '../event-choices.ts';
import classes from './event-picker.module.css';

export interface EventPickerProps {
  readonly value: readonly string[];
  readonly onChange: (patterns: readonly string[]) => void;
}

/** Which events are sent: from the catalogue of the server, by name or by kind of object. */
export function EventPicker({ value, onChange }: EventPickerProps) {
  const { t } = useTranslation('webhooks');
  const session = useSession();
  const types = useQuery(eventTypesQuery(useApi())).data ?? [];
  const groups = eventChoices(types, session.permissions, (kind) => t('events.all', { kind }));
  const data = [
    { value: '*', label: t('events.everything') },
    ...groups.map(({ group, items }) => ({ group, items: [...items] })),
  ];
  return (
    <MultiSelect
      label={t('dialog.events')}
      description={t('dialog.eventsHelp')}
      placeholder={value.length === 0 ? t('dialog.eventsChoose') : ''}
      data={data}
      value={[...value]}
      searchable
      clearable
      hidePickedOptions
      classNames={{ options: `hf-options ${classes.options}` }}
      nothingFoundMessage={t('dialog.eventsNone')}
      clearButtonProps={{ 'aria-label': t('dialog.eventsClear') }}
      renderOption={({ option }) => (
        <span className={classes.option}>
          {option.label} <code className={classes.code}>{option.value}</code>
        </span>
      )}
      onChange={onChange}
    />
  );
}
