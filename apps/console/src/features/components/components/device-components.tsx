import type { DeviceComponent } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconPackage, IconRefresh } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState } from '../../../shared/page/states.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { NameCell, NarrowRow } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { deviceComponentsQuery } from '../api/component-queries.ts';
import { ComponentState } from './component-state.tsx';
import classes from './device-components.module.css';

export interface DeviceComponentsProps {
  readonly deviceId: string;
  /** For the confirmation of an update. */
  readonly deviceName: string | undefined;
}

/** The components of one device, as its agent said last. */
export function DeviceComponents({ deviceId, deviceName }: DeviceComponentsProps) {
  const { t } = useTranslation('components');
  const navigate = useNavigate();
  const showDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const maySee = usePermission('components:read');
  const query = useQuery(deviceComponentsQuery(useApi(), deviceId));
  const columns = useColumns(maySee);
  return (
    <QueryView query={query}>
      {(components) =>
        components.length === 0 ? (
          <EmptyState
            icon={<IconPackage size={28} stroke={1.5} />}
            title={t('ofDevice.emptyTitle')}
            text={t('ofDevice.emptyText')}
          />
        ) : (
          <>
            {mayIssue ? (
              <div className={classes.head}>
                <Button
                  variant="default"
                  leftSection={<IconRefresh size={16} />}
                  onClick={() =>
                    showDialog({
                      kind: 'issue-command',
                      aim: { kind: 'devices', deviceIds: [deviceId], name: deviceName },
                      type: 'update-now',
                    })
                  }
                >
                  {t('updateNow')}
                </Button>
              </div>
            ) : null}
            <DataTable
              label={t('ofDevice.title')}
              isEmbedded
              columns={columns}
              rows={components}
              rowId={({ componentId }) => componentId}
              rowName={({ title }) => title}
              rowHeight={64}
              narrowRowHeight={96}
              narrowRow={(component) => (
                <NarrowRow
                  title={component.title}
                  aside={<RelativeTimeLabel at={component.changedAt} className="hf-soft" />}
                  detail={<State component={component} isWithVersion />}
                />
              )}
              onOpen={
                maySee
                  ? ({ componentId, kind }) => {
                      if (kind !== null)
                        void navigate({ to: '/components/id/$componentId', params: { componentId } });
                    }
                  : undefined
              }
            />
          </>
        )
      }
    </QueryView>
  );
}

function useColumns(maySee: boolean): readonly TableColumn<DeviceComponent>[] {
  const { t } = useTranslation('components');
  return [
    {
      id: 'title',
      header: t('column.component'),
      minWidth: 180,
      weight: 1.3,
      cell: ({ componentId, title, kind }) => (
        <NameCell
          note={<span className="hf-soft">{kind === null ? t('ofDevice.unknown') : t(`kind.${kind}`)}</span>}
        >
          {maySee && kind !== null ? (
            <Link to="/components/id/$componentId" params={{ componentId }} tabIndex={-1} title={title}>
              {title}
            </Link>
          ) : (
            <span title={title}>{title}</span>
          )}
        </NameCell>
      ),
    },
    {
      id: 'version',
      header: t('column.version'),
      minWidth: 120,
      weight: 0.8,
      cell: (component) => <Version component={component} />,
    },
    {
      id: 'state',
      header: t('column.state'),
      minWidth: 240,
      weight: 2,
      cell: (component) => <State component={component} />,
    },
    {
      id: 'changed',
      header: t('column.since'),
      minWidth: 110,
      weight: 0.6,
      cell: ({ changedAt }) => <RelativeTimeLabel at={changedAt} className="hf-soft" />,
    },
  ];
}

interface RowProps {
  readonly component: DeviceComponent;
}

function Version({ component: { release, version } }: RowProps) {
  const { t } = useTranslation('components');
  if (release === null) return <span className="hf-soft">{t('ofDevice.none')}</span>;
  const text = t('releaseNumber', { release });
  return <span title={text}>{version ?? text}</span>;
}

interface StateProps extends RowProps {
  readonly isWithVersion?: boolean;
}

function State({ component, isWithVersion = false }: StateProps) {
  return (
    <span className={classes.state}>
      <span>
        <ComponentState component={component} />{' '}
        {isWithVersion ? (
          <span className="hf-soft">
            <Version component={component} />
          </span>
        ) : null}
      </span>
      {component.state === 'failed' ? <Reason component={component} /> : null}
    </span>
  );
}

/** In the words of the device; a code where it has none. */
function Reason({ component: { reason, code } }: RowProps) {
  const text = reason ?? code;
  if (text === null) return null;
  return (
    <span className={classes.reason} title={code === null ? text : `${text} (${code})`}>
      {text}
    </span>
  );
}
