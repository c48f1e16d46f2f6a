import type { Component } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconPackage } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NameCell, NarrowRow } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import type { TableColumn } from '../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { componentsQuery } from './api/component-queries.ts';
import { ComponentsPageFrame } from './components/components-page-frame.tsx';
import { DeviceBar } from './components/device-bar.tsx';
import { MetadataNotice } from './components/metadata-notice.tsx';
import { UpdateNowButton } from './components/update-now-button.tsx';
import { VersionText } from './components/version-text.tsx';

/** What is updated on devices, and how far that is. */
export function ComponentsPage() {
  const { t } = useTranslation('components');
  const navigate = useNavigate();
  const query = useQuery(componentsQuery(useApi()));
  const columns = useColumns();
  const hasComponents = query.data !== undefined && query.data.components.length > 0;
  return (
    <ComponentsPageFrame
      layout="fill"
      title={t('list.title')}
      description={t('list.description')}
      actions={hasComponents ? <UpdateNowButton /> : undefined}
    >
      <QueryView query={query}>
        {({ components, repository }) => (
          <>
            {repository === null ? null : (
              <MetadataNotice
                repository={repository}
                action={
                  <Button
                    variant="default"
                    size="compact-sm"
                    renderRoot={(props: Record<string, unknown>) => (
                      <Link to="/components/downloads" {...props} />
                    )}
                  >
                    {t('list.toDownloads')}
                  </Button>
                }
              />
            )}
            {components.length === 0 ? (
              <FirstStep isTrusted={repository !== null} />
            ) : (
              <DataTable
                label={t('list.title')}
                columns={columns}
                rows={components}
                rowId={({ id }) => id}
                rowName={({ title }) => title}
                rowHeight={52}
                narrowRowHeight={92}
                narrowRow={(component) => (
                  <NarrowRow
                    title={component.title}
                    aside={<VersionText {...component} />}
                    detail={<DeviceBar component={component} />}
                  />
                )}
                onOpen={({ id }) =>
                  void navigate({ to: '/components/id/$componentId', params: { componentId: id } })
                }
                foot={t('list.count', { count: components.length })}
              />
            )}
          </>
        )}
      </QueryView>
    </ComponentsPageFrame>
  );
}

interface FirstStepProps {
  readonly isTrusted: boolean;
}

/** How one begins: what is missing still. */
function FirstStep({ isTrusted }: FirstStepProps) {
  const { t } = useTranslation('components');
  const mayManage = usePermission('components:manage');
  return (
    <EmptyState
      icon={<IconPackage size={28} stroke={1.5} />}
      title={t('list.emptyTitle')}
      text={t(isTrusted ? 'list.emptyTrusted' : 'list.emptyText')}
      action={
        <Button
          variant={mayManage ? 'filled' : 'default'}
          renderRoot={(props: Record<string, unknown>) => <Link to="/components/downloads" {...props} />}
        >
          {t(mayManage && !isTrusted ? 'list.begin' : 'list.toDownloads')}
        </Button>
      }
    />
  );
}

function useColumns(): readonly TableColumn<Component>[] {
  const { t } = useTranslation('components');
  return [
    {
      id: 'title',
      header: t('column.component'),
      minWidth: 200,
      weight: 1.6,
      cell: ({ id, title, isOffered }) => (
        <NameCell note={isOffered ? undefined : t('notOffered')}>
          <Link to="/components/id/$componentId" params={{ componentId: id }} tabIndex={-1} title={title}>
            {title}
          </Link>
        </NameCell>
      ),
    },
    {
      id: 'kind',
      header: t('column.kind'),
      minWidth: 100,
      weight: 0.5,
      cell: ({ kind }) => <span className="hf-soft">{t(`kind.${kind}`)}</span>,
    },
    {
      id: 'version',
      header: t('column.newest'),
      minWidth: 150,
      weight: 0.9,
      cell: (component) => <VersionText {...component} />,
    },
    {
      id: 'arrived',
      header: t('column.arrived'),
      minWidth: 110,
      weight: 0.6,
      cell: ({ arrivedAt }) => <RelativeTimeLabel at={arrivedAt} className="hf-soft" />,
    },
    {
      id: 'devices',
      header: t('column.devices'),
      minWidth: 260,
      weight: 1.4,
      cell: (component) => <DeviceBar component={component} />,
    },
  ];
}
