import type { ComponentRollout } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { RolloutState } from './rollout-state.tsx';

export interface RolloutTableProps {
  /** Those that are over, the newest first. */
  readonly rollouts: readonly ComponentRollout[];
}

/** Releases that have gone through their plan, or were replaced on the way. */
export function RolloutTable({ rollouts }: RolloutTableProps) {
  const { t } = useTranslation('components');
  const columns = useColumns();
  return (
    <DataTable
      label={t('rollout.past')}
      isEmbedded
      columns={columns}
      rows={rollouts}
      rowId={({ id }) => id}
      rowName={({ componentTitle: title, release }) => t('rollout.title', { title, release })}
      rowHeight={44}
      narrowRowHeight={72}
      narrowRow={(rollout) => (
        <NarrowRow
          title={t('rollout.title', { title: rollout.componentTitle, release: rollout.release })}
          aside={<RolloutState rollout={rollout} />}
          detail={
            <>
              {t('rollout.byPlan', { name: rollout.planName })}, <Ended rollout={rollout} />
            </>
          }
        />
      )}
    />
  );
}

function useColumns(): readonly TableColumn<ComponentRollout>[] {
  const { t } = useTranslation('components');
  return [
    {
      id: 'what',
      header: t('rollout.what'),
      minWidth: 200,
      weight: 1.6,
      cell: ({ componentTitle: title, release }) => (
        <TextCell text={t('rollout.title', { title, release })} />
      ),
    },
    {
      id: 'state',
      header: t('column.state'),
      minWidth: 120,
      weight: 0.7,
      cell: (rollout) => <RolloutState rollout={rollout} />,
    },
    {
      id: 'plan',
      header: t('deployment.plan'),
      minWidth: 140,
      weight: 1,
      cell: ({ planName }) => <TextCell text={planName} isSoft />,
    },
    {
      id: 'arrived',
      header: t('column.arrived'),
      minWidth: 110,
      weight: 0.7,
      cell: ({ startedAt }) => <RelativeTimeLabel at={startedAt} className="hf-soft" />,
    },
    {
      id: 'ended',
      header: t('rollout.ended'),
      minWidth: 110,
      weight: 0.7,
      cell: (rollout) => <Ended rollout={rollout} />,
    },
  ];
}

interface EndedProps {
  readonly rollout: ComponentRollout;
}

function Ended({ rollout: { endedAt } }: EndedProps) {
  return endedAt === null ? null : <RelativeTimeLabel at={endedAt} className="hf-soft" />;
}
