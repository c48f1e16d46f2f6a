import type { Webhook } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { StatusLabel } from '../../../shared/page/status-label.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';

export interface WebhookStateProps {
  readonly webhook: Webhook;
}

/** How a webhook gets on, in a word, with how long it has failed. */
export function WebhookState({ webhook }: WebhookStateProps) {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  const { failingSince, state } = webhook;
  const since = useTicking((nowMs) =>
    failingSince === null ? '' : format.duration(nowMs - Date.parse(failingSince)),
  );
  if (state === 'disabled') return <StatusLabel tone="failed" text={t('state.disabled')} />;
  if (state === 'paused') return <StatusLabel tone="idle" text={t('state.paused')} isHollow />;
  if (failingSince !== null) return <StatusLabel tone="failed" text={t('state.failing', { since })} />;
  return <StatusLabel tone="good" text={t('state.active')} />;
}

/** How many events wait; "more than" where nobody counts further. */
export function useWaitingText(): (webhook: Pick<Webhook, 'waiting'>) => string {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  return ({ waiting }) =>
    waiting.isExact
      ? format.count(waiting.value)
      : t('moreThan', { count: waiting.value, formatted: format.count(waiting.value) });
}
