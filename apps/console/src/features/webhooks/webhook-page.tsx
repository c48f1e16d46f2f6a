import { ApiError, type Webhook, type WebhookDelivery } from '@holdfast/api';
import { IconWebhook } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Card, CardGrid } from '../../shared/page/card.tsx';
import { Fact, Facts } from '../../shared/page/facts.tsx';
import { Notice } from '../../shared/page/notice.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { webhookQuery } from './api/webhook-queries.ts';
import { DeliveryTable } from './components/delivery-table.tsx';
import { EventNames } from './components/event-names.tsx';
import { WebhookActions } from './components/webhook-actions.tsx';
import { useWaitingText, WebhookState } from './components/webhook-state.tsx';
import classes from './webhook-page.module.css';

export function WebhookPage() {
  const { t } = useTranslation('webhooks');
  const { webhookId } = useParams({ from: '/console/administration/webhooks/$webhookId' });
  const mayManage = usePermission('settings:manage');
  const query = useQuery(webhookQuery(useApi(), webhookId));
  const [outcome, setOutcome] = useState<WebhookDelivery>();
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <EmptyState
        icon={<IconWebhook size={28} stroke={1.5} />}
        isPage
        title={t('detail.goneTitle')}
        text={t('detail.goneText')}
      />
    );
  }
  return (
    <QueryView query={query} isPage>
      {(webhook) => (
        <Page
          layout="wide"
          title={webhook.name}
          description={<WebhookState webhook={webhook} />}
          actions={mayManage ? <WebhookActions webhook={webhook} onOutcome={setOutcome} /> : undefined}
        >
          {outcome === undefined ? null : <Outcome delivery={outcome} />}
          <CardGrid>
            <DeliveryCard webhook={webhook} />
            <ContentCard webhook={webhook} />
          </CardGrid>
          <div className={classes.messages}>
            <Card title={t('deliveries.title')} aside={t('deliveries.aside')}>
              <DeliveryTable webhookId={webhook.id} onOutcome={setOutcome} />
            </Card>
          </div>
        </Page>
      )}
    </QueryView>
  );
}

interface OutcomeProps {
  readonly delivery: WebhookDelivery;
}

/** What came of a message that somebody asked for. */
function Outcome({ delivery }: OutcomeProps) {
  const { t } = useTranslation('webhooks');
  const { error, isDelivered, status } = delivery;
  const kind = delivery.kind === 'test' ? 'test' : 'repeat';
  return (
    <div className={classes.outcome}>
      <Notice tone={isDelivered ? 'good' : 'failed'} role={isDelivered ? 'status' : 'alert'}>
        <strong>{isDelivered ? t(`outcome.${kind}.delivered`) : t(`outcome.${kind}.failed`)}</strong>{' '}
        {error ?? t('outcome.answer', { status })}
      </Notice>
    </div>
  );
}

interface WebhookCardProps {
  readonly webhook: Webhook;
}

function DeliveryCard({ webhook }: WebhookCardProps) {
  const { t } = useTranslation('webhooks');
  const waiting = useWaitingText()(webhook);
  const { failingSince, lastError, nextAttemptAt, deliveredAt, missedAt } = webhook;
  return (
    <Card title={t('detail.delivery')}>
      {webhook.disabledReason === null ? null : (
        <Notice tone="failed">
          <strong>{t('detail.disabled')}</strong> {webhook.disabledReason}
        </Notice>
      )}
      <Facts>
        <Fact name={t('detail.waiting')}>{waiting}</Fact>
        <Fact name={t('detail.delivered')}>
          {deliveredAt === null ? t('never') : <RelativeTimeLabel at={deliveredAt} />}
        </Fact>
        {failingSince === null ? null : (
          <Fact name={t('detail.failingSince')}>
            <RelativeTimeLabel at={failingSince} /> {t('detail.attempts', { count: webhook.attempts })}
          </Fact>
        )}
        {lastError === null ? null : <Fact name={t('detail.error')}>{lastError}</Fact>}
        {nextAttemptAt === null ? null : (
          <Fact name={t('detail.nextAttempt')}>
            <RelativeTimeLabel at={nextAttemptAt} />
          </Fact>
        )}
        {missedAt === null ? null : (
          <Fact name={t('detail.missed')}>
            {t('detail.missedText')} <RelativeTimeLabel at={missedAt} />
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

function ContentCard({ webhook }: WebhookCardProps) {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  const group =
    webhook.groupId === null
      ? t('detail.everywhere')
      : webhook.groupPath === null
        ? t('detail.groupGone')
        : webhook.groupPath.join(' / ') || t('detail.topGroup');
  return (
    <Card title={t('detail.content')}>
      <Facts>
        <Fact name={t('detail.url')}>{webhook.url}</Fact>
        <Fact name={t('detail.events')}>
          <EventNames patterns={webhook.events} />
        </Fact>
        <Fact name={t('detail.group')}>{group}</Fact>
        <Fact name={t('detail.network')}>
          {webhook.allowsPrivate ? t('detail.networkPrivate') : t('detail.networkPublic')}
        </Fact>
        {webhook.previousSecretUntil === null ? null : (
          <Fact name={t('detail.secret')}>
            {t('detail.secretText', { until: format.dateTime(Date.parse(webhook.previousSecretUntil)) })}
          </Fact>
        )}
        <Fact name={t('detail.created')}>
          <RelativeTimeLabel at={webhook.createdAt} /> {t('detail.createdBy', { name: webhook.createdBy })}
        </Fact>
      </Facts>
    </Card>
  );
}
