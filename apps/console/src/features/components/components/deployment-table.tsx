import type { ComponentDeployment } from '@holdfast/api';
import { IconPackage } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState } from '../../../shared/page/states.tsx';
import { NameCell, NarrowRow } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import { RowAction } from '../../../shared/table/row-action.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { componentDeploymentsQuery, componentPlansQuery, componentsQuery } from '../api/component-queries.ts';

type Change = (deployment: ComponentDeployment, title: string) => void;

export interface DeploymentTableProps {
  /** Absent for whoever may only see it. */
  readonly onChange: Change | undefined;
}

/** What becomes of new releases, for each component. */
export function DeploymentTable({ onChange }: DeploymentTableProps) {
  const { t } = useTranslation('components');
  const api = useApi();
  const deployments = useQuery(componentDeploymentsQuery(api));
  const titles = useTitles();
  const columns = useColumns(titles, onChange);
  return (
    <QueryView query={deployments}>
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState
            icon={<IconPackage size={28} stroke={1.5} />}
            title={t('list.emptyTitle')}
            text={t('deployment.empty')}
          />
        ) : (
          <DataTable
            label={t('deployment.title')}
            isEmbedded
            columns={columns}
            rows={rows}
            rowId={({ componentId }) => componentId}
            rowName={({ componentId }) => titles(componentId)}
            rowHeight={44}
            narrowRowHeight={80}
            narrowRow={(deployment) => (
              <NarrowRow
                title={titles(deployment.componentId)}
                aside={<Ceiling deployment={deployment} />}
                detail={<Mode deployment={deployment} />}
                action={
                  onChange === undefined ? null : (
                    <Action
                      deployment={deployment}
                      title={titles(deployment.componentId)}
                      onChange={onChange}
                    />
                  )
                }
              />
            )}
          />
        )
      }
    </QueryView>
  );
}

function useTitles(): (componentId: string) => string {
  const components = useQuery(componentsQuery(useApi())).data?.components ?? [];
  return (componentId) => components.find(({ id }) => id === componentId)?.title ?? componentId;
}

function useColumns(
  titles: (componentId: string) => string,
  onChange: Change | undefined,
): readonly TableColumn<ComponentDeployment>[] {
  const { t } = useTranslation(['components', 'common']);
  const columns: TableColumn<ComponentDeployment>[] = [
    {
      id: 'component',
      header: t('column.component'),
      minWidth: 180,
      weight: 1.3,
      cell: ({ componentId }) => (
        <NameCell>
          <Link to="/components/id/$componentId" params={{ componentId }} tabIndex={-1}>
            {titles(componentId)}
          </Link>
        </NameCell>
      ),
    },
    {
      id: 'mode',
      header: t('deployment.mode'),
      minWidth: 200,
      weight: 1.4,
      cell: (deployment) => <Mode deployment={deployment} />,
    },
    {
      id: 'ceiling',
      header: t('deployment.ceiling'),
      minWidth: 150,
      weight: 0.9,
      cell: (deployment) => <Ceiling deployment={deployment} />,
    },
  ];
  if (onChange === undefined) return columns;
  return [
    ...columns,
    {
      id: 'actions',
      header: t('common:table.actions'),
      isHeaderHidden: true,
      minWidth: 92,
      weight: 0.1,
      align: 'end',
      cell: (deployment) => (
        <Action deployment={deployment} title={titles(deployment.componentId)} onChange={onChange} />
      ),
    },
  ];
}

interface DeploymentProps {
  readonly deployment: ComponentDeployment;
}

function Mode({ deployment: { mode, planId } }: DeploymentProps) {
  const { t } = useTranslation('components');
  const plans = useQuery(componentPlansQuery(useApi())).data ?? [];
  if (mode !== 'by-plan') return t(`deployment.words.${mode}`);
  return t('deployment.words.by-plan', { name: plans.find(({ id }) => id === planId)?.name ?? '…' });
}

/** What every device may have, whatever is on its way. */
function Ceiling({ deployment: { allowedRelease } }: DeploymentProps) {
  const { t } = useTranslation('components');
  return (
    <span className="hf-soft">
      {allowedRelease === null
        ? t('deployment.newest')
        : allowedRelease === 0
          ? t('deployment.nothing')
          : t('releaseNumber', { release: allowedRelease })}
    </span>
  );
}

interface ActionProps extends DeploymentProps {
  readonly title: string;
  readonly onChange: Change;
}

function Action({ deployment, title, onChange }: ActionProps) {
  const { t } = useTranslation('components');
  return (
    <RowAction
      text={t('sources.change')}
      name={t('deployment.changeName', { title })}
      onClick={() => onChange(deployment, title)}
    />
  );
}
