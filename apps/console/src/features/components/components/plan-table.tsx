import type { ComponentDeployment, ComponentPlan } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { useBeginText, useGroupText } from './stage-words.ts';
import classes from './plan-table.module.css';

export type PlanAction = 'change' | 'remove';
type Act = (action: PlanAction, plan: ComponentPlan) => void;

export interface PlanTableProps {
  readonly plans: readonly ComponentPlan[];
  /** To tell how many components each is for. */
  readonly deployments: readonly ComponentDeployment[];
  /** Absent for whoever may only see them. */
  readonly onAct: Act | undefined;
}

/** Deployment plans with their stages. */
export function PlanTable({ plans, deployments, onAct }: PlanTableProps) {
  const { t } = useTranslation('components');
  const usesOf = (plan: ComponentPlan): number =>
    deployments.filter(({ planId }) => planId === plan.id).length;
  const columns = useColumns(usesOf, onAct);
  return (
    <DataTable
      label={t('plans.list')}
      isEmbedded
      columns={columns}
      rows={plans}
      rowId={({ id }) => id}
      rowName={({ name }) => name}
      rowHeight={56}
      narrowRowHeight={96}
      narrowRow={(plan) => (
        <NarrowRow
          title={plan.name}
          aside={<span className="hf-soft">{t('plans.uses', { count: usesOf(plan) })}</span>}
          detail={<Stages plan={plan} />}
          action={onAct === undefined ? null : <Actions plan={plan} onAct={onAct} />}
        />
      )}
      onOpen={onAct === undefined ? undefined : (plan) => onAct('change', plan)}
    />
  );
}

function useColumns(
  usesOf: (plan: ComponentPlan) => number,
  onAct: Act | undefined,
): readonly TableColumn<ComponentPlan>[] {
  const { t } = useTranslation(['components', 'common']);
  const columns: TableColumn<ComponentPlan>[] = [
    {
      id: 'name',
      header: t('plans.name'),
      minWidth: 150,
      weight: 1,
      cell: ({ name }) => <TextCell text={name} />,
    },
    {
      id: 'stages',
      header: t('plans.stages'),
      minWidth: 260,
      weight: 2.6,
      cell: (plan) => <Stages plan={plan} />,
    },
    {
      id: 'uses',
      header: t('plans.usedBy'),
      minWidth: 120,
      weight: 0.7,
      cell: (plan) => <span className="hf-soft">{t('plans.uses', { count: usesOf(plan) })}</span>,
    },
  ];
  if (onAct === undefined) return columns;
  return [
    ...columns,
    {
      id: 'actions',
      header: t('common:table.actions'),
      isHeaderHidden: true,
      minWidth: 156,
      weight: 0.1,
      align: 'end',
      cell: (plan) => <Actions plan={plan} onAct={onAct} />,
    },
  ];
}

interface PlanProps {
  readonly plan: ComponentPlan;
}

/** All of them in their order, with when each begins. */
function Stages({ plan: { stages } }: PlanProps) {
  const groupText = useGroupText();
  const beginText = useBeginText();
  const text = stages.map((stage) => `${groupText(stage.groupId)} (${beginText(stage)})`).join(' → ');
  return (
    <span className={`${classes.stages} hf-soft`} title={text}>
      {text}
    </span>
  );
}

interface ActionsProps extends PlanProps {
  readonly onAct: Act;
}

function Actions({ plan, onAct }: ActionsProps) {
  const { t } = useTranslation('components');
  const { name } = plan;
  return (
    <Button.Group>
      <Button
        size="compact-sm"
        variant="default"
        aria-label={t('sources.changeName', { name })}
        onClick={() => onAct('change', plan)}
      >
        {t('sources.change')}
      </Button>
      <Button
        size="compact-sm"
        variant="default"
        c="var(--hf-failed)"
        aria-label={t('sources.removeName', { name })}
        onClick={() => onAct('remove', plan)}
      >
        {t('sources.remove')}
      </Button>
    </Button.Group>
  );
}
