import type { Component } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { deviceSharesOf } from '../device-shares.ts';
import { ShareBar } from './share-bar.tsx';

export interface DeviceBarProps {
  readonly component: Component;
}

/** How devices are with a component. */
export function DeviceBar({ component }: DeviceBarProps) {
  const { t } = useTranslation('components');
  const { total, upToDate, behind, failed } = deviceSharesOf(component.devices);
  if (total === 0) return <span className="hf-soft">{t('devices.none')}</span>;
  return (
    <ShareBar
      label={t('devices.label', { title: component.title })}
      total={total}
      shares={[
        {
          id: 'good',
          tone: 'good',
          count: upToDate,
          text: t('devices.upToDate', { count: upToDate }),
          isKept: true,
        },
        { id: 'behind', tone: 'attention', count: behind, text: t('devices.behind', { count: behind }) },
        { id: 'failed', tone: 'failed', count: failed, text: t('devices.failed', { count: failed }) },
      ]}
    />
  );
}
