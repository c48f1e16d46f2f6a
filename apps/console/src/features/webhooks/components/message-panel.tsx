import type { WebhookDelivery } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { messageQuery } from '../api/webhook-queries.ts';
import { useContentText } from './event-names.tsx';
import classes from './message-panel.module.css';

export interface MessagePanelProps {
  readonly webhookId: string;
  /** Undefined: closed. */
  readonly delivery: WebhookDelivery | undefined;
  readonly onClose: () => void;
}

/** What was sent, beside the list of what came of it. */
export function MessagePanel({ webhookId, delivery, onClose }: MessagePanelProps) {
  const contentOf = useContentText();
  return (
    <SidePanel
      title={delivery === undefined ? '' : contentOf(delivery)}
      isOpen={delivery !== undefined}
      side="right"
      size={560}
      onClose={onClose}
    >
      {delivery === undefined ? null : <Message webhookId={webhookId} delivery={delivery} />}
    </SidePanel>
  );
}

interface MessageProps {
  readonly webhookId: string;
  readonly delivery: WebhookDelivery;
}

function Message({ webhookId, delivery }: MessageProps) {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  const message = useQuery(messageQuery(useApi(), webhookId, delivery.id));
  return (
    <div className={classes.body}>
      <Facts>
        <Fact name={t('message.sent')}>{format.exact(Date.parse(delivery.startedAt))}</Fact>
        <Fact name={t('message.outcome')}>
          {delivery.error ?? t('deliveries.delivered', { status: delivery.status })}
        </Fact>
      </Facts>
      <section aria-label={t('message.headers')}>
        <h3 className={classes.title}>{t('message.headers')}</h3>
        <pre className={classes.text} tabIndex={0}>
          {`content-type: application/json; charset=utf-8\nwebhook-id: ${delivery.messageId}`}
        </pre>
        <p className="hf-soft">{t('message.signature')}</p>
      </section>
      <section aria-label={t('message.content')}>
        <h3 className={classes.title}>{t('message.content')}</h3>
        <QueryView query={message}>
          {({ body }) => (
            <pre className={classes.text} tabIndex={0}>
              {indent(body)}
            </pre>
          )}
        </QueryView>
      </section>
    </div>
  );
}

/** The same JSON on many lines; what is none stays as it is. */
function indent(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
