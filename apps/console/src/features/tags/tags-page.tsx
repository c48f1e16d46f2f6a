import type { Tag } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconTags } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../shared/table/table-column.ts';
import { TagChip } from '../../shared/tags/tag-chip.tsx';
import { tagsQuery } from '../../shared/tags/tags-query.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { RemoveTagDialog } from './components/remove-tag-dialog.tsx';
import { TagDialog } from './components/tag-dialog.tsx';

type Open =
  | { readonly kind: 'create' }
  | { readonly kind: 'edit'; readonly tag: Tag }
  | { readonly kind: 'remove'; readonly tag: Tag };

/** All tags of the organisation, each with the devices that have it. */
export function TagsPage() {
  const { t } = useTranslation('tags');
  const navigate = useNavigate();
  const mayEdit = usePermission('directory:edit');
  const tags = useQuery(tagsQuery(useApi()));
  const [open, setOpen] = useState<Open>();
  const columns = useColumns(mayEdit ? setOpen : undefined);
  const close = (): void => setOpen(undefined);
  const create = mayEdit ? (
    <Button onClick={() => setOpen({ kind: 'create' })}>{t('create')}</Button>
  ) : undefined;
  return (
    <Page layout="fill" title={t('title')} description={t('description')} actions={create}>
      <QueryView query={tags}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={<IconTags size={28} stroke={1.5} />}
              title={t('emptyTitle')}
              text={t('emptyText')}
            />
          ) : (
            <DataTable
              label={t('title')}
              columns={columns}
              rows={rows}
              rowId={(tag) => tag.id}
              rowName={(tag) => tag.name}
              rowHeight={44}
              narrowRowHeight={76}
              onOpen={(tag) => void navigate({ to: '/directory', search: { tag: tag.name } })}
              narrowRow={(tag) => (
                <NarrowRow
                  title={<TagChip name={tag.name} colour={tag.colour} />}
                  aside={<DeviceCount tag={tag} />}
                  detail={tag.description}
                  action={mayEdit ? <TagActions tag={tag} onOpen={setOpen} /> : null}
                />
              )}
              foot={t('count', { count: rows.length })}
            />
          )
        }
      </QueryView>
      {open?.kind === 'create' ? <TagDialog tag={undefined} onClose={close} /> : null}
      {open?.kind === 'edit' ? <TagDialog tag={open.tag} onClose={close} /> : null}
      {open?.kind === 'remove' ? <RemoveTagDialog tag={open.tag} onClose={close} /> : null}
    </Page>
  );
}

function useColumns(onOpen: ((open: Open) => void) | undefined): readonly TableColumn<Tag>[] {
  const { t } = useTranslation(['tags', 'common']);
  const columns: TableColumn<Tag>[] = [
    {
      id: 'name',
      header: t('column.name'),
      minWidth: 180,
      weight: 1.2,
      cell: (tag) => <TagChip name={tag.name} colour={tag.colour} />,
    },
    {
      id: 'devices',
      header: t('column.devices'),
      minWidth: 110,
      weight: 0.5,
      cell: (tag) => <DeviceCount tag={tag} />,
    },
    {
      id: 'description',
      header: t('column.description'),
      minWidth: 160,
      weight: 2,
      cell: (tag) => <TextCell text={tag.description} />,
    },
    {
      id: 'created',
      header: t('column.created'),
      minWidth: 150,
      weight: 1,
      cell: (tag) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={tag.createdAt} /> {t('createdBy', { name: tag.createdBy })}
        </span>
      ),
    },
  ];
  if (onOpen === undefined) return columns;
  return [
    ...columns,
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 148,
      cell: (tag) => <TagActions tag={tag} onOpen={onOpen} />,
    },
  ];
}

interface TagProps {
  readonly tag: Tag;
}

function DeviceCount({ tag }: TagProps) {
  const { t } = useTranslation('tags');
  const format = useFormat();
  return (
    <Link
      to="/directory"
      search={{ tag: tag.name }}
      tabIndex={-1}
      className="hf-soft"
      aria-label={t('devicesWith', { count: tag.deviceCount, name: tag.name })}
    >
      {format.count(tag.deviceCount)}
    </Link>
  );
}

interface TagActionsProps extends TagProps {
  readonly onOpen: (open: Open) => void;
}

function TagActions({ tag, onOpen }: TagActionsProps) {
  const { t } = useTranslation('tags');
  return (
    <Button.Group>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t('editName', { name: tag.name })}
        onClick={() => onOpen({ kind: 'edit', tag })}
      >
        {t('edit')}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        c="var(--hf-failed)"
        aria-label={t('removeName', { name: tag.name })}
        onClick={() => onOpen({ kind: 'remove', tag })}
      >
        {t('remove')}
      </Button>
    </Button.Group>
  );
}
