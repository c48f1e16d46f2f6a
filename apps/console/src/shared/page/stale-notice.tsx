import { Button } from '@mantine/core';
import { IconCloudOff } from '../icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../i18n/use-format.ts';
import { useTicking } from '../time/use-ticking.ts';
import { Notice } from './notice.tsx';

export interface StaleNoticeProps {
  readonly updatedAtMs: number;
  readonly onRetry: () => void;
}

/** What is shown is old, and how old. */
export function StaleNotice({ updatedAtMs, onRetry }: StaleNoticeProps) {
  const { t } = useTranslation('common');
  const format = useFormat();
  const ago = useTicking((nowMs) => format.ago(nowMs, updatedAtMs));
  return (
    <Notice
      tone="attention"
      icon={<IconCloudOff size={18} stroke={1.75} />}
      action={
        <Button size="compact-sm" variant="default" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      }
    >
      {t('state.stale', { ago })}
    </Notice>
  );
}
