import type { CommandTarget } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { NoMatch } from '../../../shared/page/states.tsx';
import { NameCell, NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { isTelling, lastStepAt } from '../command-progress.ts';
import { CommandStateLabel } from './command-state.tsx';
import { TargetProgress } from './target-progress.tsx';

export interface TargetTableProps {
  readonly targets: readonly CommandTarget[];
  readonly totalCount: number;
  readonly changedIds: ReadonlySet<string>;
  readonly activeId: string | undefined;
  readonly hasMore: boolean;
  readonly onOpen: (target: CommandTarget) => void;
  readonly onClear: () => void;
  readonly onEndReached: () => void;
}

export function TargetTable(props: TargetTableProps) {
  const { t } = useTranslation(['commands', 'common']);
  const reasonOf = (target: CommandTarget): string =>
    target.waitsFor === null ? target.detail : t(`waitsFor.${target.waitsFor}`);
  const columns: readonly TableColumn<CommandTarget>[] = [
    {
      id: 'device',
      header: t('detail.device'),
      minWidth: 200,
      weight: 1.5,
      cell: (target) => (
        <NameCell note={target.deviceDistinction}>
          <strong>{target.deviceName}</strong>
        </NameCell>
      ),
    },
    {
      id: 'state',
      header: t('detail.state'),
      minWidth: 120,
      weight: 0.8,
      cell: (target) => <CommandStateLabel state={target.state} />,
    },
    {
      id: 'reason',
      header: t('detail.reason'),
      minWidth: 200,
      weight: 2.4,
      cell: (target) =>
        isTelling(target) ? (
          <TargetProgress target={target} isCompact />
        ) : (
          <TextCell text={reasonOf(target)} isSoft fallback="" />
        ),
    },
    {
      id: 'changed',
      header: t('detail.changed'),
      minWidth: 120,
      weight: 0.8,
      cell: (target) => <LastStep target={target} />,
    },
  ];
  if (props.targets.length === 0) return <NoMatch title={t('detail.noMatch')} onClear={props.onClear} />;
  return (
    <DataTable
      label={t('detail.targets')}
      columns={columns}
      rows={props.targets}
      rowId={(target) => target.id}
      rowName={nameOf}
      narrowRow={(target) => (
        <NarrowRow
          title={nameOf(target)}
          aside={<CommandStateLabel state={target.state} />}
          detail={
            isTelling(target) ? (
              <TargetProgress target={target} isCompact />
            ) : reasonOf(target) === '' ? (
              <LastStep target={target} />
            ) : (
              reasonOf(target)
            )
          }
        />
      )}
      totalCount={props.totalCount}
      changedIds={props.changedIds}
      activeId={props.activeId}
      onOpen={props.onOpen}
      onEndReached={props.onEndReached}
      foot={
        props.hasMore
          ? t('common:table.loadingMore')
          : t('common:count.devices', { count: props.targets.length })
      }
    />
  );
}

/** With what tells it from others of its name, so that a screen reader says it too. */
function nameOf({ deviceName, deviceDistinction }: CommandTarget): string {
  return deviceDistinction === undefined ? deviceName : `${deviceName} (${deviceDistinction})`;
}

interface LastStepProps {
  readonly target: CommandTarget;
}

function LastStep({ target }: LastStepProps) {
  const at = lastStepAt(target);
  return at === undefined ? null : <RelativeTimeLabel at={at} className="hf-soft" />;
}
