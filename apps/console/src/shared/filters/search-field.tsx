import { CloseButton, TextInput } from '@mantine/core';
import { IconSearch } from '../icons/icons.ts';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './filter-menu.module.css';

export interface SearchFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

const pauseMs = 250;

/** Searches when typing pauses. `/` puts the cursor here. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const { t } = useTranslation('common');
  const [typed, setTyped] = useState(value ?? '');
  const [known, setKnown] = useState(value);
  if (known !== value) {
    // The address changed from elsewhere: back button, cleared filters.
    setKnown(value);
    setTyped(value ?? '');
  }
  const commit = useEffectEvent((text: string) => {
    const next = text.trim() === '' ? undefined : text.trim().slice(0, 200);
    if (next === value) return;
    setKnown(next);
    onChange(next);
  });
  useEffect(() => {
    const timer = setTimeout(() => commit(typed), pauseMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <TextInput
      className={classes.search ?? ''}
      type="search"
      size="sm"
      aria-label={label}
      placeholder={label}
      value={typed}
      maxLength={200}
      data-search-field
      leftSection={<IconSearch size={16} stroke={1.75} />}
      rightSection={
        typed === '' ? null : (
          <CloseButton
            size="sm"
            aria-label={t('filter.clear', { name: label })}
            onClick={() => setTyped('')}
          />
        )
      }
      onChange={(event) => setTyped(event.currentTarget.value)}
    />
  );
}
