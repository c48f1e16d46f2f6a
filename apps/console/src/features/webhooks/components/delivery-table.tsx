import { repeatWebhookDelivery, type WebhookDelivery } from '@holdfast/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { StatusLabel } from '../../../shared/page/status-label.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../../shared/table/table-column.ts';
import { RowAction } from '../../../shared/table/row-action.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { webhooksKey } from '../api/webhook-key.ts';
import { deliveriesQuery } from '../api/webhook-queries.ts';
import { useContentText } from './event-names.tsx';
import { MessagePanel } from './message-panel.tsx';

export interface DeliveryTableProps {
  readonly webhookId: string;
  /** Told what came of a message that was sent again. */
  readonly onOutcome: (delivery: WebhookDelivery) => void;
}

/** The last messages and what came of each. */
export function DeliveryTable({ webhookId, onOutcome }: DeliveryTableProps) {
  const { t } = useTranslation('webhooks');
  const mayManage = usePermission('settings:manage');
  const deliveries = useQuery(deliveriesQuery(useApi(), webhookId));
  const repeat = useRepeat(webhookId, onOutcome);
  const contentOf = useContentText();
  const columns = useColumns(mayManage ? repeat : undefined);
  const [open, setOpen] = useState<WebhookDelivery>();
  return (
    <>
      <QueryView query={deliveries}>
        {(rows) =>
          rows.length === 0 ? (
            <p className="hf-soft">{t('deliveries.empty')}</p>
          ) : (
            <DataTable
              label={t('deliveries.title')}
              columns={columns}
              rows={rows}
              rowId={(delivery) => delivery.id}
              rowName={contentOf}
              rowHeight={40}
              narrowRowHeight={72}
              narrowRow={(delivery) => (
                <NarrowRow
                  title={contentOf(delivery)}
                  aside={<RelativeTimeLabel at={delivery.startedAt} className="hf-soft" />}
                  detail={<Outcome delivery={delivery} />}
                  action={
                    mayManage ? (
                      <RowAction
                        text={t('deliveries.repeat')}
                        name={t('deliveries.repeatName', { what: contentOf(delivery) })}
                        onClick={() => repeat(delivery)}
                      />
                    ) : null
                  }
                />
              )}
              isEmbedded
              activeId={open?.id}
              onOpen={setOpen}
            />
          )
        }
      </QueryView>
      <MessagePanel webhookId={webhookId} delivery={open} onClose={() => setOpen(undefined)} />
    </>
  );
}

function useRepeat(
  webhookId: string,
  onOutcome: (delivery: WebhookDelivery) => void,
): (delivery: WebhookDelivery) => void {
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  return ({ id }) => {
    api
      .call(repeatWebhookDelivery, { params: { webhookId, deliveryId: id } })
      .then(onOutcome, notify.error)
      .finally(() => void queryClient.invalidateQueries({ queryKey: webhooksKey }));
  };
}

function useColumns(
  onRepeat: ((delivery: WebhookDelivery) => void) | undefined,
): readonly TableColumn<WebhookDelivery>[] {
  const { t } = useTranslation(['webhooks', 'common']);
  const format = useFormat();
  const contentOf = useContentText();
  const columns: TableColumn<WebhookDelivery>[] = [
    {
      id: 'at',
      header: t('deliveries.at'),
      minWidth: 96,
      weight: 0.6,
      cell: (delivery) => <RelativeTimeLabel at={delivery.startedAt} className="hf-soft" />,
    },
    {
      id: 'what',
      header: t('deliveries.what'),
      minWidth: 160,
      weight: 1.6,
      cell: (delivery) => <TextCell text={contentOf(delivery)} />,
    },
    {
      id: 'outcome',
      header: t('deliveries.outcome'),
      minWidth: 200,
      weight: 2,
      cell: (delivery) => <Outcome delivery={delivery} />,
    },
    {
      id: 'duration',
      header: t('deliveries.duration'),
      minWidth: 80,
      weight: 0.4,
      align: 'end',
      cell: (delivery) => (
        <span className="hf-soft">
          {t('deliveries.ms', { formatted: format.count(delivery.durationMs) })}
        </span>
      ),
    },
  ];
  if (onRepeat === undefined) return columns;
  return [
    ...columns,
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 152,
      cell: (delivery) => (
        <RowAction
          text={t('deliveries.repeat')}
          name={t('deliveries.repeatName', { what: contentOf(delivery) })}
          onClick={() => onRepeat(delivery)}
        />
      ),
    },
  ];
}

interface OutcomeProps {
  readonly delivery: WebhookDelivery;
}

function Outcome({ delivery }: OutcomeProps) {
  const { t } = useTranslation('webhooks');
  return delivery.isDelivered ? (
    <StatusLabel tone="good" text={t('deliveries.delivered', { status: delivery.status })}>
      {delivery.kind === 'events' ? null : t(`deliveries.kind.${delivery.kind}`)}
    </StatusLabel>
  ) : (
    <StatusLabel tone="failed" text={delivery.error ?? ''} title={delivery.error ?? undefined}>
      {delivery.kind === 'events' ? null : t(`deliveries.kind.${delivery.kind}`)}
    </StatusLabel>
  );
}
