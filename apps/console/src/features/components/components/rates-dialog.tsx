import { type ComponentRates, setComponentRates } from '@holdfast/api';
import { NumberInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { componentsKey } from '../api/component-key.ts';

export interface RatesDialogProps {
  readonly rates: ComponentRates;
  readonly onClose: () => void;
}

const KIB = 1_024;
const mostKib = 900_000_000;

/** How fast files go to devices at most. */
export function RatesDialog({ rates, onClose }: RatesDialogProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const queryClient = useQueryClient();
  const [all, setAll] = useState(toKib(rates.allPerSecond));
  const [each, setEach] = useState(toKib(rates.eachPerSecond));
  // What was open is what is changed, although the page has asked again meanwhile.
  const [revision] = useState(rates.revision);
  return (
    <FormDialog
      title={t('rates.title')}
      submitText={t('sources.save')}
      onSubmit={async () => {
        await api.call(setComponentRates, {
          body: { allPerSecond: toBytes(all), eachPerSecond: toBytes(each), revision },
        });
        await queryClient.invalidateQueries({ queryKey: componentsKey });
        onClose();
      }}
      onClose={onClose}
    >
      <Rate label={t('rates.all')} description={t('rates.allHelp')} value={all} isFirst onChange={setAll} />
      <Rate label={t('rates.each')} description={t('rates.eachHelp')} value={each} onChange={setEach} />
    </FormDialog>
  );
}

interface RateProps {
  readonly label: string;
  readonly description: string;
  readonly value: number | undefined;
  readonly isFirst?: boolean;
  readonly onChange: (value: number | undefined) => void;
}

function Rate({ label, description, value, isFirst = false, onChange }: RateProps) {
  return (
    <NumberInput
      label={label}
      description={description}
      value={value ?? ''}
      min={1}
      max={mostKib}
      allowDecimal={false}
      allowNegative={false}
      suffix=" KiB/s"
      thousandSeparator=" "
      {...(isFirst ? { 'data-autofocus': true } : {})}
      onChange={(next) => onChange(typeof next === 'number' && next > 0 ? next : undefined)}
    />
  );
}

function toKib(bytes: number | null): number | undefined {
  return bytes === null ? undefined : Math.max(1, Math.round(bytes / KIB));
}

function toBytes(kib: number | undefined): number | null {
  return kib === undefined ? null : kib * KIB;
}
