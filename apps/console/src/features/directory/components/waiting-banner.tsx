import { Button } from '@mantine/core';
import { IconDoorEnter } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { waitingQuery } from '../../../shared/waiting/waiting-query.ts';

export function WaitingBanner() {
  const { t } = useTranslation('directory');
  const waiting = useQuery(waitingQuery(useApi())).data ?? [];
  if (waiting.length === 0) return null;
  return (
    <Notice
      tone="attention"
      icon={<IconDoorEnter size={18} stroke={1.75} />}
      action={
        <Button
          size="compact-sm"
          variant="default"
          renderRoot={(props: Record<string, unknown>) => <Link to="/enrolment/waiting" {...props} />}
        >
          {t('waiting.review')}
        </Button>
      }
    >
      {t('waiting.banner', { count: waiting.length })}
    </Notice>
  );
}
