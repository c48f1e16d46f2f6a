import type { EventSubscriber } from '@holdfast/api';
import { IconTimelineEvent } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { StatusLabel, type StatusTone } from '../../shared/page/status-label.tsx';
import { NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import type { TableColumn } from '../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { useTicking } from '../../shared/time/use-ticking.ts';
import { subscribersQuery } from './api/subscribers-query.ts';

const tones: Readonly<Record<EventSubscriber['state'], StatusTone>> = {
  working: 'good',
  failing: 'failed',
  stopped: 'idle',
};

/** Who reacts to what happens, and whether they come along. */
export function SubscribersPage() {
  const { t } = useTranslation('webhooks');
  const subscribers = useQuery(subscribersQuery(useApi()));
  const columns = useColumns();
  return (
    <Page layout="fill" title={t('subscribers.title')} description={t('subscribers.description')}>
      <QueryView query={subscribers}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={<IconTimelineEvent size={28} stroke={1.5} />}
              title={t('subscribers.emptyTitle')}
              text={t('subscribers.emptyText')}
            />
          ) : (
            <DataTable
              label={t('subscribers.title')}
              columns={columns}
              rows={rows}
              rowId={(subscriber) => subscriber.name}
              rowName={(subscriber) => subscriber.title}
              narrowRowHeight={72}
              narrowRow={(subscriber) => (
                <NarrowRow
                  title={subscriber.title}
                  aside={<SubscriberState subscriber={subscriber} />}
                  detail={<Trouble subscriber={subscriber} />}
                />
              )}
              foot={t('subscribers.count', { count: rows.length })}
            />
          )
        }
      </QueryView>
    </Page>
  );
}

function useColumns(): readonly TableColumn<EventSubscriber>[] {
  const { t } = useTranslation('webhooks');
  return [
    {
      id: 'title',
      header: t('subscribers.column.title'),
      minWidth: 180,
      weight: 1.3,
      cell: (subscriber) => <TextCell text={subscriber.title} />,
    },
    {
      id: 'state',
      header: t('subscribers.column.state'),
      minWidth: 150,
      weight: 0.9,
      cell: (subscriber) => <SubscriberState subscriber={subscriber} />,
    },
    {
      id: 'trouble',
      header: t('subscribers.column.trouble'),
      minWidth: 220,
      weight: 2.2,
      cell: (subscriber) => <Trouble subscriber={subscriber} />,
    },
    {
      id: 'handled',
      header: t('subscribers.column.handled'),
      minWidth: 110,
      weight: 0.6,
      cell: ({ handledAt }) =>
        handledAt === null ? (
          <span className="hf-soft">{t('never')}</span>
        ) : (
          <RelativeTimeLabel at={handledAt} className="hf-soft" />
        ),
    },
  ];
}

interface SubscriberProps {
  readonly subscriber: EventSubscriber;
}

function SubscriberState({ subscriber }: SubscriberProps) {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  const { failingSince, state } = subscriber;
  const since = useTicking((nowMs) =>
    failingSince === null ? '' : format.duration(nowMs - Date.parse(failingSince)),
  );
  const text = state === 'failing' ? t('state.failing', { since }) : t(`subscribers.state.${state}`);
  return <StatusLabel tone={tones[state]} text={text} isHollow={state === 'stopped'} />;
}

/** How many events wait, and why. */
function Trouble({ subscriber }: SubscriberProps) {
  const { t } = useTranslation('webhooks');
  const format = useFormat();
  const { lastError, missedAt, waiting } = subscriber;
  const count = format.count(waiting.value);
  const parts = [
    waiting.isExact
      ? t('subscribers.waiting', { count: waiting.value, formatted: count })
      : t('subscribers.waitingMore', { formatted: count }),
    ...(lastError === null ? [] : [lastError]),
    ...(missedAt === null ? [] : [t('subscribers.missed', { at: format.dateTime(Date.parse(missedAt)) })]),
  ];
  return <TextCell text={parts.join(' · ')} isSoft={lastError === null} />;
}
