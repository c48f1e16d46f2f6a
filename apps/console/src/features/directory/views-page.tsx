import type { SavedView } from '@holdfast/api';
import { ActionIcon, Badge, Menu } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { IconBookmark, IconDots, IconPencil, IconTrash, IconUsers } from '../../shared/icons/icons.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import type { TableColumn } from '../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { NameDialog } from './components/name-dialog.tsx';
import { readView } from './saved-views.ts';
import { useSavedViews, useSavedViewsQuery } from './use-saved-views.ts';

/** Ways to look at the device list: one's own, and those that others share. */
export function ViewsPage() {
  const { t } = useTranslation('directory');
  const navigate = useNavigate();
  const views = useSavedViewsQuery();
  const { changeTo } = useSavedViews();
  const [renamed, setRenamed] = useState<SavedView>();
  const columns = useColumns(setRenamed);
  return (
    <Page layout="fill" title={t('views.pageTitle')} description={t('views.pageDescription')}>
      <QueryView query={views}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={<IconBookmark size={28} stroke={1.5} />}
              title={t('views.none')}
              text={t('views.noneText')}
            />
          ) : (
            <DataTable
              label={t('views.pageTitle')}
              columns={columns}
              rows={rows}
              rowId={(view) => view.id}
              rowName={(view) => view.name}
              rowHeight={44}
              narrowRowHeight={64}
              onOpen={(view) => void navigate({ to: '/directory', search: readView(view).search })}
              narrowRow={(view) => (
                <NarrowRow
                  title={<ViewLink view={view} />}
                  aside={<Sight view={view} />}
                  detail={view.ownerName}
                  action={<ViewActions view={view} onRename={setRenamed} />}
                />
              )}
              foot={t('views.count', { count: rows.length })}
            />
          )
        }
      </QueryView>
      {renamed === undefined ? null : (
        <NameDialog
          title={t('views.renameTitle', { name: renamed.name })}
          label={t('views.name')}
          initial={renamed.name}
          submitText=""
          onSubmit={async (name) => {
            await changeTo(renamed, { name });
            setRenamed(undefined);
          }}
          onClose={() => setRenamed(undefined)}
        />
      )}
    </Page>
  );
}

function useColumns(onRename: (view: SavedView) => void): readonly TableColumn<SavedView>[] {
  const { t } = useTranslation('directory');
  return [
    {
      id: 'name',
      header: t('views.column.name'),
      minWidth: 200,
      weight: 2,
      cell: (view) => <ViewLink view={view} />,
    },
    {
      id: 'sight',
      header: t('views.column.sight'),
      minWidth: 130,
      weight: 0.7,
      cell: (view) => <Sight view={view} />,
    },
    {
      id: 'owner',
      header: t('views.column.owner'),
      minWidth: 150,
      weight: 1,
      cell: (view) => <TextCell text={view.ownerName} />,
    },
    {
      id: 'created',
      header: t('views.column.created'),
      minWidth: 130,
      weight: 0.8,
      cell: (view) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={view.createdAt} />
        </span>
      ),
    },
    {
      id: 'actions',
      header: t('views.column.actions'),
      isHeaderHidden: true,
      minWidth: 56,
      weight: 0,
      align: 'end',
      cell: (view) => <ViewActions view={view} onRename={onRename} />,
    },
  ];
}

function ViewLink({ view }: { readonly view: SavedView }) {
  return (
    <Link to="/directory" search={readView(view).search}>
      {view.name}
    </Link>
  );
}

/** Who sees it. */
function Sight({ view }: { readonly view: SavedView }) {
  const { t } = useTranslation('directory');
  return view.isShared ? (
    <Badge variant="default" tt="none" fw={500} leftSection={<IconUsers size={12} stroke={1.75} />}>
      {t('views.shared')}
    </Badge>
  ) : (
    <span className="hf-soft">{t('views.private')}</span>
  );
}

interface ViewActionsProps {
  readonly view: SavedView;
  readonly onRename: (view: SavedView) => void;
}

function ViewActions({ view, onRename }: ViewActionsProps) {
  const { t } = useTranslation('directory');
  const notify = useNotify();
  const { changeTo, remove, withdraw } = useSavedViews();
  const mayShare = usePermission('directory:edit');
  const mayRemove = view.isOwn || mayShare;
  if (!mayRemove) return null;
  const run = (work: Promise<void>): void => void work.catch(notify.error);
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={t('views.actions', { name: view.name })}>
          <IconDots size={18} stroke={1.75} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {view.isOwn ? (
          <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => onRename(view)}>
            {t('views.rename')}
          </Menu.Item>
        ) : null}
        {view.isOwn && mayShare ? (
          <Menu.Item
            leftSection={<IconUsers size={16} stroke={1.75} />}
            onClick={() => run(changeTo(view, { isShared: !view.isShared }))}
          >
            {view.isShared ? t('views.unshare') : t('views.share')}
          </Menu.Item>
        ) : null}
        {view.isOwn ? (
          <Menu.Item
            c="var(--hf-failed)"
            leftSection={<IconTrash size={16} stroke={1.75} />}
            onClick={() => run(remove(view))}
          >
            {t('views.remove')}
          </Menu.Item>
        ) : (
          <Menu.Item onClick={() => run(withdraw(view))}>{t('views.withdraw')}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
