import type { DeviceSummary, KeyCopy } from '@holdfast/api';
import { IconKey } from '../../../shared/icons/icons.ts';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';

export interface KeyCopyNoticesProps {
  readonly device: DeviceSummary;
}

/** Computers that use the key of this device, each with what to do about it. */
export function KeyCopyNotices({ device }: KeyCopyNoticesProps) {
  return device.keyCopies.map((copy) => (
    <KeyCopyNotice key={`${copy.name} ${copy.address} ${copy.lastSeenAt}`} copy={copy} />
  ));
}

function KeyCopyNotice({ copy }: { readonly copy: KeyCopy }) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const ago = useTicking((nowMs) => format.ago(nowMs, Date.parse(copy.lastSeenAt)));
  return (
    <Notice tone="attention" role="note" icon={<IconKey size={18} stroke={1.75} />}>
      {t('keyCopy.title', { name: copy.name, address: copy.address, ago })}{' '}
      {t(copy.isWaiting ? 'keyCopy.waiting' : 'keyCopy.asks')}{' '}
      {copy.isWaiting ? <Link to="/enrolment/waiting">{t('keyCopy.show')}</Link> : null}
    </Notice>
  );
}
