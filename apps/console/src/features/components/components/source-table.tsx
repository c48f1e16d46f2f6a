import type { ComponentSource } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconWorld } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../../../shared/page/states.tsx';
import { NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';

export type SourceAction = 'look' | 'key' | 'change' | 'remove';
type Act = (action: SourceAction, source: ComponentSource) => void;

export interface SourceTableProps {
  /** In the order in which they are tried. */
  readonly sources: readonly ComponentSource[];
  /** Absent for whoever may only see them. */
  readonly onAct: Act | undefined;
}

/** Where components come from. */
export function SourceTable({ sources, onAct }: SourceTableProps) {
  const { t } = useTranslation('components');
  const columns = useColumns(sources, onAct);
  if (sources.length === 0)
    return (
      <EmptyState
        icon={<IconWorld size={28} stroke={1.5} />}
        title={t('sources.emptyTitle')}
        text={t('sources.emptyText')}
      />
    );
  return (
    <DataTable
      label={t('sources.title')}
      isEmbedded
      columns={columns}
      rows={sources}
      rowId={({ id }) => id}
      rowName={({ name }) => name}
      rowHeight={48}
      narrowRowHeight={88}
      narrowRow={(source) => (
        <NarrowRow
          title={source.name}
          aside={<span className="hf-soft">{t(`sources.kind.${source.kind}`)}</span>}
          detail={<TextCell text={source.address} isSoft />}
          action={onAct === undefined ? null : <Actions source={source} onAct={onAct} />}
        />
      )}
    />
  );
}

function useColumns(
  sources: readonly ComponentSource[],
  onAct: Act | undefined,
): readonly TableColumn<ComponentSource>[] {
  const { t } = useTranslation(['components', 'common']);
  const columns: TableColumn<ComponentSource>[] = [
    {
      id: 'order',
      header: t('sources.order'),
      minWidth: 60,
      weight: 0.1,
      cell: ({ id }) => <span className="hf-soft">{sources.findIndex((one) => one.id === id) + 1}</span>,
    },
    {
      id: 'name',
      header: t('sources.name'),
      minWidth: 150,
      weight: 1,
      cell: ({ name }) => <TextCell text={name} />,
    },
    {
      id: 'address',
      header: t('sources.address'),
      minWidth: 200,
      weight: 2,
      cell: ({ address }) => <TextCell text={address} isSoft />,
    },
    {
      id: 'access',
      header: t('sources.access'),
      minWidth: 150,
      weight: 1,
      cell: (source) => <Access source={source} />,
    },
  ];
  if (onAct === undefined) return columns;
  return [
    ...columns,
    {
      id: 'actions',
      header: t('common:table.actions'),
      isHeaderHidden: true,
      minWidth: 296,
      weight: 0.1,
      align: 'end',
      cell: (source) => <Actions source={source} onAct={onAct} />,
    },
  ];
}

interface SourceProps {
  readonly source: ComponentSource;
}

/** By which way it is reached, and as whom. */
function Access({ source: { kind, proxy, userName } }: SourceProps) {
  const { t } = useTranslation('components');
  const parts = [
    t(`sources.kind.${kind}`),
    ...(userName === null ? [] : [t('sources.asUser', { name: userName })]),
    ...(proxy === null ? [] : [t('sources.byProxy')]),
  ];
  return <TextCell text={parts.join(', ')} isSoft />;
}

interface ActionsProps extends SourceProps {
  readonly onAct: Act;
}

function Actions({ source, onAct }: ActionsProps) {
  const { t } = useTranslation('components');
  const { name } = source;
  return (
    <Button.Group>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t('sources.lookAt', { name })}
        onClick={() => onAct('look', source)}
      >
        {t('sources.look')}
      </Button>
      {source.kind === 'folder' ? (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t('key.of', { name })}
          onClick={() => onAct('key', source)}
        >
          {t('key.short')}
        </Button>
      ) : null}
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t('sources.changeName', { name })}
        onClick={() => onAct('change', source)}
      >
        {t('sources.change')}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        c="var(--hf-failed)"
        aria-label={t('sources.removeName', { name })}
        onClick={() => onAct('remove', source)}
      >
        {t('sources.remove')}
      </Button>
    </Button.Group>
  );
}
