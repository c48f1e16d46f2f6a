import type { ComponentRepository } from '@holdfast/api';
import { IconAlertTriangle } from '../../../shared/icons/icons.ts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { metadataEndOf } from '../metadata-end.ts';

export interface MetadataNoticeProps {
  readonly repository: ComponentRepository;
  /** What can be done about it here. */
  readonly action?: ReactNode;
}

/** Says in time that the signed metadata end. */
export function MetadataNotice({ repository: { expiresAt }, action }: MetadataNoticeProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  const end = useTicking((nowMs) => metadataEndOf(expiresAt, nowMs));
  const when = useTicking((nowMs) => (expiresAt === null ? '' : format.ago(nowMs, Date.parse(expiresAt))));
  if (end === 'far') return null;
  return (
    <Notice
      tone={end === 'past' ? 'failed' : 'attention'}
      role={end === 'past' ? 'alert' : 'status'}
      icon={<IconAlertTriangle size={18} />}
      action={action}
    >
      <strong>{t(`metadata.${end}`, { when })}</strong> {t(`metadata.${end}Help`)}
    </Notice>
  );
}
