import type { Webhook } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconWebhook } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { lateComponent } from '../../shared/late/late-component.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NameCell, NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import type { TableColumn } from '../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { webhooksQuery } from './api/webhook-queries.ts';
import { useEventText } from './components/event-names.tsx';
import { useWaitingText, WebhookState } from './components/webhook-state.tsx';

const WebhookDialog = lateComponent(() => import('./components/webhook-dialog.tsx'), 'WebhookDialog');

export function WebhooksPage() {
  const { t } = useTranslation('webhooks');
  const navigate = useNavigate();
  const mayManage = usePermission('settings:manage');
  const webhooks = useQuery(webhooksQuery(useApi()));
  const [isCreating, setCreating] = useState(false);
  const columns = useColumns();
  const create = mayManage ? <Button onClick={() => setCreating(true)}>{t('create')}</Button> : undefined;
  return (
    <Page layout="fill" title={t('title')} description={t('description')} actions={create}>
      <QueryView query={webhooks}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={<IconWebhook size={28} stroke={1.5} />}
              title={t('emptyTitle')}
              text={t('emptyText')}
            />
          ) : (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              rowId={(webhook) => webhook.id}
              rowName={(webhook) => webhook.name}
              rowHeight={44}
              narrowRowHeight={72}
              narrowRow={(webhook) => (
                <NarrowRow
                  title={webhook.name}
                  aside={<WebhookState webhook={webhook} />}
                  detail={<TextCell text={webhook.url} isSoft />}
                />
              )}
              onOpen={(webhook) =>
                void navigate({
                  to: '/administration/webhooks/$webhookId',
                  params: { webhookId: webhook.id },
                })
              }
              foot={t('count', { count: rows.length })}
            />
          )
        }
      </QueryView>
      {isCreating ? <WebhookDialog onClose={() => setCreating(false)} /> : null}
    </Page>
  );
}

function useColumns(): readonly TableColumn<Webhook>[] {
  const { t } = useTranslation('webhooks');
  const textOf = useEventText();
  const waitingText = useWaitingText();
  return [
    {
      id: 'name',
      header: t('column.name'),
      minWidth: 150,
      weight: 1.2,
      cell: (webhook) => (
        <NameCell>
          <Link
            to="/administration/webhooks/$webhookId"
            params={{ webhookId: webhook.id }}
            tabIndex={-1}
            title={webhook.name}
          >
            {webhook.name}
          </Link>
        </NameCell>
      ),
    },
    {
      id: 'state',
      header: t('column.state'),
      minWidth: 150,
      weight: 0.9,
      cell: (webhook) => <WebhookState webhook={webhook} />,
    },
    {
      id: 'waiting',
      header: t('column.waiting'),
      minWidth: 80,
      weight: 0.4,
      align: 'end',
      cell: (webhook) => waitingText(webhook),
    },
    {
      id: 'events',
      header: t('column.events'),
      minWidth: 160,
      weight: 1.6,
      cell: (webhook) => <TextCell text={webhook.events.map(textOf).join(', ')} isSoft />,
    },
    {
      id: 'url',
      header: t('column.url'),
      minWidth: 160,
      weight: 1.6,
      cell: (webhook) => <TextCell text={webhook.url} isSoft />,
    },
    {
      id: 'delivered',
      header: t('column.delivered'),
      minWidth: 110,
      weight: 0.7,
      cell: (webhook) =>
        webhook.deliveredAt === null ? (
          <span className="hf-soft">{t('never')}</span>
        ) : (
          <RelativeTimeLabel at={webhook.deliveredAt} className="hf-soft" />
        ),
    },
  ];
}
