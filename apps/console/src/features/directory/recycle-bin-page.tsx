import { purgeRecycled, type RecycledItem } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconDeviceDesktop, IconFolder, IconRecycle } from '../../shared/icons/icons.ts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { ConfirmDialog } from '../../shared/dialogs/confirm-dialog.tsx';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NameCell, NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { recycleBinKey, recycleBinQuery } from './api/recycle-bin-query.ts';
import { useRestore } from './use-restore.ts';

export function RecycleBinPage() {
  const { t } = useTranslation(['directory', 'common']);
  const queryClient = useQueryClient();
  const bin = useQuery(recycleBinQuery(useApi()));
  const [purged, setPurged] = useState<RecycledItem>();
  const columns = useColumns(setPurged);
  useLiveEvents((events) => {
    if (
      events.some(
        (event) => event.type === 'groups' || (event.type === 'device' && event.change !== 'changed'),
      )
    ) {
      void queryClient.invalidateQueries({ queryKey: recycleBinKey });
    }
  });
  return (
    <Page layout="fill" title={t('recycleBin.title')} description={t('recycleBin.description')}>
      <QueryView query={bin}>
        {(items) =>
          items.length === 0 ? (
            <EmptyState
              icon={<IconRecycle size={28} stroke={1.5} />}
              title={t('recycleBin.emptyTitle')}
              text={t('recycleBin.emptyText')}
            />
          ) : (
            <DataTable
              label={t('recycleBin.title')}
              columns={columns}
              rows={items}
              rowId={(item) => item.id}
              rowName={(item) => item.name}
              narrowRowHeight={104}
              narrowRow={(item) => (
                <>
                  <NarrowRow
                    title={item.name}
                    aside={<RelativeTimeLabel at={item.removedAt} className="hf-soft" />}
                    detail={<ItemContent item={item} />}
                  />
                  <ItemActions item={item} onPurge={setPurged} />
                </>
              )}
            />
          )
        }
      </QueryView>
      {purged === undefined ? null : <PurgeDialog item={purged} onClose={() => setPurged(undefined)} />}
    </Page>
  );
}

function useColumns(onPurge: (item: RecycledItem) => void): readonly TableColumn<RecycledItem>[] {
  const { t } = useTranslation(['directory', 'common']);
  return [
    {
      id: 'name',
      header: t('recycleBin.name'),
      minWidth: 180,
      weight: 2,
      cell: (item) => (
        <NameCell
          icon={
            item.kind === 'group' ? (
              <IconFolder size={16} stroke={1.5} role="img" aria-label={t('recycleBin.group')} />
            ) : (
              <IconDeviceDesktop size={16} stroke={1.5} role="img" aria-label={t('recycleBin.device')} />
            )
          }
        >
          <strong>{item.name}</strong>
        </NameCell>
      ),
    },
    {
      id: 'was',
      header: t('recycleBin.was'),
      minWidth: 140,
      weight: 1.5,
      cell: (item) => <TextCell text={item.path.join(' / ')} isSoft fallback={t('recycleBin.top')} />,
    },
    {
      id: 'content',
      header: t('recycleBin.content'),
      minWidth: 150,
      weight: 1,
      cell: (item) => <ItemContent item={item} />,
    },
    {
      id: 'removed',
      header: t('recycleBin.removed'),
      minWidth: 150,
      weight: 1,
      cell: (item) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={item.removedAt} /> · {item.removedBy}
        </span>
      ),
    },
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 236,
      cell: (item) => <ItemActions item={item} onPurge={onPurge} />,
    },
  ];
}

interface ItemContentProps {
  readonly item: RecycledItem;
}

function ItemContent({ item }: ItemContentProps) {
  const { t } = useTranslation(['directory', 'common']);
  if (item.kind === 'device') return <span className="hf-soft">{t('recycleBin.device')}</span>;
  return (
    <span className="hf-soft">
      {t('recycleBin.contentGroup', {
        devices: t('common:count.devices', { count: item.deviceCount }),
        groups: t('common:count.groups', { count: item.groupCount }),
      })}
    </span>
  );
}

interface ItemActionsProps {
  readonly item: RecycledItem;
  readonly onPurge: (item: RecycledItem) => void;
}

function ItemActions({ item, onPurge }: ItemActionsProps) {
  const { t } = useTranslation('directory');
  const restore = useRestore();
  const mayEdit = usePermission('directory:edit');
  if (!mayEdit) return null;
  return (
    <Button.Group>
      <Button
        size="compact-sm"
        variant="default"
        loading={restore.isPending}
        aria-label={t('recycleBin.restoreName', { name: item.name })}
        onClick={() => restore.mutate({ itemId: item.id, name: item.name })}
      >
        {t('recycleBin.restore')}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        c="var(--hf-failed)"
        aria-label={t('recycleBin.purgeName', { name: item.name })}
        onClick={() => onPurge(item)}
      >
        {t('recycleBin.purge')}
      </Button>
    </Button.Group>
  );
}

interface PurgeDialogProps {
  readonly item: RecycledItem;
  readonly onClose: () => void;
}

function PurgeDialog({ item, onClose }: PurgeDialogProps) {
  const { t } = useTranslation('directory');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  return (
    <ConfirmDialog
      title={t('recycleBin.purgeTitle', { name: item.name })}
      confirmText={t('recycleBin.purge')}
      isDangerous
      word={t('recycleBin.purgeWord')}
      onConfirm={async () => {
        await api.call(purgeRecycled, { params: { itemId: item.id } });
        await queryClient.invalidateQueries({ queryKey: recycleBinKey });
        onClose();
        notify.success(t('recycleBin.purged', { name: item.name }));
      }}
      onClose={onClose}
    >
      {item.kind === 'device'
        ? t('recycleBin.purgeDevice')
        : t('recycleBin.purgeGroup', { count: item.deviceCount })}
    </ConfirmDialog>
  );
}
