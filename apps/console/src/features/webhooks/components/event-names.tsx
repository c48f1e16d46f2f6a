import type { WebhookDelivery } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { eventTypesQuery } from '../api/webhook-queries.ts';
import { eventText } from '../event-choices.ts';

/** Patterns in words. */
export function useEventText(): (pattern: string) => string {
  const { t } = useTranslation('webhooks');
  const types = useQuery(eventTypesQuery(useApi())).data ?? [];
  const texts = { everything: t('events.everything'), all: (kind: string) => t('events.all', { kind }) };
  return (pattern) => eventText(pattern, types, texts);
}

export interface EventNamesProps {
  readonly patterns: readonly string[];
}

/** Each on a line of its own. */
export function EventNames({ patterns }: EventNamesProps) {
  const textOf = useEventText();
  return patterns.map((pattern) => (
    <div key={pattern} title={pattern}>
      {textOf(pattern)}
    </div>
  ));
}

/** What a message holds, in words. */
export function useContentText(): (delivery: WebhookDelivery) => string {
  const { t } = useTranslation('webhooks');
  const textOf = useEventText();
  return ({ eventCount, eventTypes }) => {
    const [first = '', ...others] = eventTypes.map(textOf);
    if (eventCount === 1) return first;
    const names = others.length === 0 ? first : t('deliveries.kinds', { first, count: others.length });
    return t('deliveries.many', { count: eventCount, names });
  };
}
