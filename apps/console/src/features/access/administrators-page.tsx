import { type Administrator, setAdministratorState } from '@holdfast/api';
import { Button, Group } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { ChangeDialog } from '../../shared/dialogs/change-dialog.tsx';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { StatusLabel, type StatusTone } from '../../shared/page/status-label.tsx';
import { usePermission, useSession } from '../../shared/session/session-context.ts';
import { useGrantText } from '../../shared/session/use-grant-text.ts';
import { NameCell, NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../shared/table/table-column.ts';
import { RowAction } from '../../shared/table/row-action.tsx';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { administratorsKey, administratorsQuery } from './api/access-queries.ts';
import { GrantsDialog } from './components/grants-dialog.tsx';
import { InviteDialog } from './components/invite-dialog.tsx';

const tones: Readonly<Record<Administrator['state'], StatusTone>> = {
  active: 'good',
  invited: 'running',
  disabled: 'idle',
};

export function AdministratorsPage() {
  const { t } = useTranslation('access');
  const mayManage = usePermission('administrators:manage');
  const administrators = useQuery(administratorsQuery(useApi()));
  const [isInviting, setInviting] = useState(false);
  const [disabled, setDisabled] = useState<Administrator>();
  const [openId, setOpenId] = useState<string>();
  const open = administrators.data?.find((administrator) => administrator.id === openId);
  const text = useGrantText();
  const actions: RowActions = { onDisable: setDisabled, onOpenGrants: ({ id }) => setOpenId(id) };
  const columns = useColumns(mayManage ? actions : undefined);
  return (
    <Page
      layout="fill"
      title={t('administrators.title')}
      description={t('administrators.description')}
      actions={
        mayManage ? (
          <Button onClick={() => setInviting(true)}>{t('administrators.invite')}</Button>
        ) : undefined
      }
    >
      <QueryView query={administrators}>
        {(rows) => (
          <DataTable
            label={t('administrators.title')}
            columns={columns}
            rows={rows}
            rowId={(administrator) => administrator.id}
            rowName={(administrator) => administrator.name}
            rowHeight={48}
            narrowRowHeight={72}
            narrowRow={(administrator) => (
              <NarrowRow
                title={administrator.displayName}
                aside={<AdministratorState administrator={administrator} />}
                detail={`${administrator.name} · ${text.all(administrator.grants)}`}
                action={
                  mayManage ? <AdministratorActions administrator={administrator} {...actions} /> : null
                }
              />
            )}
            foot={t('administrators.count', { count: rows.length })}
          />
        )}
      </QueryView>
      {isInviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
      {disabled === undefined ? null : (
        <DisableDialog administrator={disabled} onClose={() => setDisabled(undefined)} />
      )}
      {open === undefined ? null : <GrantsDialog administrator={open} onClose={() => setOpenId(undefined)} />}
    </Page>
  );
}

function useColumns(actions: RowActions | undefined): readonly TableColumn<Administrator>[] {
  const { t } = useTranslation(['access', 'common']);
  const session = useSession();
  const text = useGrantText();
  const columns: TableColumn<Administrator>[] = [
    {
      id: 'name',
      header: t('administrators.displayName'),
      minWidth: 180,
      weight: 1.5,
      cell: (administrator) => (
        <NameCell>
          <strong>{administrator.displayName}</strong>
          {administrator.id === session.id ? (
            <span className="hf-soft">({t('administrators.you')})</span>
          ) : null}
        </NameCell>
      ),
    },
    {
      id: 'signInName',
      header: t('administrators.name'),
      minWidth: 120,
      weight: 1,
      cell: (administrator) => <TextCell text={administrator.name} isSoft />,
    },
    {
      id: 'roles',
      header: t('administrators.roles'),
      minWidth: 240,
      weight: 2.8,
      cell: (administrator) => <TextCell text={text.all(administrator.grants)} />,
    },
    {
      id: 'state',
      header: t('administrators.state'),
      minWidth: 110,
      weight: 0.8,
      cell: (administrator) => <AdministratorState administrator={administrator} />,
    },
    {
      id: 'lastSignIn',
      header: t('administrators.lastSignIn'),
      minWidth: 120,
      weight: 0.9,
      cell: (administrator) =>
        administrator.lastSignInAt === null ? (
          <span className="hf-soft">{t('common:time.never')}</span>
        ) : (
          <RelativeTimeLabel at={administrator.lastSignInAt} className="hf-soft" />
        ),
    },
  ];
  if (actions === undefined) return columns;
  return [
    ...columns,
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 164,
      cell: (administrator) => <AdministratorActions administrator={administrator} {...actions} />,
    },
  ];
}

interface AdministratorProps {
  readonly administrator: Administrator;
}

function AdministratorState({ administrator }: AdministratorProps) {
  const { t } = useTranslation('access');
  return (
    <StatusLabel
      tone={tones[administrator.state]}
      text={t(`administrators.states.${administrator.state}`)}
      isHollow={administrator.state !== 'active'}
    />
  );
}

interface RowActions {
  readonly onDisable: (administrator: Administrator) => void;
  readonly onOpenGrants: (administrator: Administrator) => void;
}

function AdministratorActions({ administrator, ...actions }: AdministratorProps & RowActions) {
  const { t } = useTranslation('access');
  return (
    <Group gap={6} wrap="nowrap" justify="flex-end">
      <RowAction
        text={t('grants.open')}
        name={t('grants.openName', { name: administrator.displayName })}
        onClick={() => actions.onOpenGrants(administrator)}
      />
      <StateButton administrator={administrator} onDisable={actions.onDisable} />
    </Group>
  );
}

type StateButtonProps = AdministratorProps & Pick<RowActions, 'onDisable'>;

function StateButton({ administrator, onDisable }: StateButtonProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const session = useSession();
  const { id, displayName: name } = administrator;
  if (id === session.id) return null;
  const enable = (): void => {
    api
      .call(setAdministratorState, { params: { administratorId: id }, body: { state: 'active' } })
      .then(() => {
        void queryClient.invalidateQueries({ queryKey: administratorsKey });
        notify.success(t('administrators.enabled', { name }));
      }, notify.error);
  };
  const isDisabled = administrator.state === 'disabled';
  return (
    <RowAction
      text={isDisabled ? t('administrators.enable') : t('administrators.disable')}
      name={`${isDisabled ? t('administrators.enable') : t('administrators.disable')} ${name}`}
      onClick={() => (isDisabled ? enable() : onDisable(administrator))}
    />
  );
}

interface DisableDialogProps extends AdministratorProps {
  readonly onClose: () => void;
}

function DisableDialog({ administrator, onClose }: DisableDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const { id, displayName: name } = administrator;
  return (
    <ChangeDialog
      title={t('administrators.disableTitle', { name })}
      confirmText={t('administrators.disable')}
      change={() =>
        api.call(setAdministratorState, { params: { administratorId: id }, body: { state: 'disabled' } })
      }
      outdates={administratorsKey}
      doneText={t('administrators.disabled', { name })}
      onClose={onClose}
    >
      {t('administrators.disableText', { name })}
    </ChangeDialog>
  );
}
