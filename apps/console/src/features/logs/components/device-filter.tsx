import { listDevices } from '@holdfast/api';
import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { deviceQuery } from '../../../shared/devices/device-query.ts';

export interface DeviceFilterProps {
  readonly value: string | undefined;
  readonly onChange: (deviceId: string | undefined) => void;
}

const offered = 20;

/** One device, found by typing part of its name. */
export function DeviceFilter({ value, onChange }: DeviceFilterProps) {
  const { t } = useTranslation(['logs', 'common']);
  const api = useApi();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 250);
  const found = useQuery({
    queryKey: ['device-choice', search],
    queryFn: async ({ signal }) => {
      const query = { limit: offered, ...(search === '' ? {} : { search }) };
      return (await api.call(listDevices, { query, signal })).devices;
    },
    placeholderData: keepPreviousData,
  });
  const chosen = useQuery({ ...deviceQuery(api, value ?? ''), enabled: value !== undefined }).data?.device;
  const options = new Map((found.data ?? []).map((device) => [device.id, device.name]));
  if (value !== undefined) options.set(value, chosen?.name ?? t('unknownDevice'));
  return (
    <Select
      size="xs"
      w={170}
      aria-label={t('device')}
      placeholder={t('device')}
      data={[...options].map(([id, name]) => ({ value: id, label: name }))}
      value={value ?? null}
      searchable
      clearable
      nothingFoundMessage={t('noDevice')}
      clearButtonProps={{ 'aria-label': t('common:filter.clear', { name: t('device') }) }}
      onSearchChange={setTyped}
      // The server has searched already, also in addresses and systems.
      filter={({ options: all }) => all}
      onChange={(id) => onChange(id ?? undefined)}
    />
  );
}
