import type { DeviceDetails } from '@holdfast/api';
import { IconAlertTriangle } from '../../../shared/icons/icons.ts';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type Format, useFormat } from '../../../shared/i18n/use-format.ts';
import { useServices } from '../../../shared/api/services.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { type Attention, attentionsOf } from './attention.ts';
import classes from './attention-list.module.css';

export interface AttentionListProps {
  readonly details: DeviceDetails;
}

const refreshMs = 10_000;

/** What is wrong, before anything else. */
export function AttentionList({ details }: AttentionListProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const { ticker } = useServices();
  useTicking((nowMs) => Math.floor(nowMs / refreshMs));
  const nowMs = ticker.now();
  const attentions = attentionsOf(details, nowMs);
  if (attentions.length === 0) return null;
  return (
    <section className={classes.list} aria-label={t('attention.title')}>
      {attentions.map((attention, index) => {
        const { title, help } = describe(attention, format, nowMs, t);
        return (
          <div key={`${attention.kind}-${index}`} className={classes.item}>
            <IconAlertTriangle size={18} stroke={1.75} aria-hidden="true" />
            <p>
              <strong>{title}</strong>
              <span>{help}</span>
            </p>
          </div>
        );
      })}
    </section>
  );
}

function describe(
  attention: Attention,
  format: Format,
  nowMs: number,
  t: TFunction<'device'>,
): { readonly title: string; readonly help: string } {
  const ago = (at: string): string => format.ago(nowMs, Date.parse(at));
  switch (attention.kind) {
    case 'not-encrypted':
      return {
        title: t('attention.not-encrypted', { disks: attention.disks.join(', ') }),
        help: t('attention.not-encryptedHelp'),
      };
    case 'clock-skew':
      return {
        title: t('attention.clock-skew', { amount: format.duration(Math.abs(attention.skewMs)) }),
        help: t('attention.clock-skewHelp'),
      };
    case 'trouble':
      return {
        title: t(`attention.${attention.trouble}`),
        help: t(attention.trouble === 'disk-full' ? 'attention.disk-fullHelp' : 'attention.refusedHelp'),
      };
    case 'offline':
      return {
        title: t('attention.offline', { at: format.dateTime(Date.parse(attention.sinceAt)) }),
        help: t('attention.offlineHelp', { ago: ago(attention.lastSeenAt ?? attention.sinceAt) }),
      };
    case 'service-stopped':
      return {
        title: t('attention.service-stopped', { ago: ago(attention.sinceAt) }),
        help: t('attention.service-stoppedHelp'),
      };
    case 'volume-full':
      return {
        title: t('attention.volume-full', { volume: attention.volume }),
        help: t('attention.volume-fullHelp', {
          free: format.bytes(attention.freeBytes),
          size: format.bytes(attention.sizeBytes),
        }),
      };
    case 'inventory-old':
      return {
        title: t('attention.inventory-old'),
        help: t('attention.inventory-oldHelp', { ago: ago(attention.collectedAt) }),
      };
    case 'never-seen':
    case 'disabled':
    case 'inventory-none':
      return { title: t(`attention.${attention.kind}`), help: t(`attention.${attention.kind}Help`) };
  }
}
