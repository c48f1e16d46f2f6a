import { revokeSession, type Session } from '@holdfast/api';
import { SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../shared/api/services.ts';
import { ChangeDialog } from '../../shared/dialogs/change-dialog.tsx';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NameCell, NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../shared/table/table-column.ts';
import { RowAction } from '../../shared/table/row-action.tsx';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { sessionsKey, sessionsQuery } from './api/access-queries.ts';
import { browserName } from './browser-name.ts';

export function SessionsPage() {
  const { t } = useTranslation('access');
  const { everyone } = useSearch({ from: '/console/administration/sessions' });
  const navigate = useNavigate();
  const maySeeAll = usePermission('administrators:read');
  const mayManage = usePermission('administrators:manage');
  const isEveryone = everyone === 'yes' && maySeeAll;
  const sessions = useQuery(sessionsQuery(useServices().api, isEveryone));
  const [revoked, setRevoked] = useState<Session>();
  const mayRevoke = !isEveryone || mayManage;
  const columns = useColumns(isEveryone, mayRevoke ? setRevoked : undefined);
  return (
    <Page layout="fill" title={t('sessions.title')} description={t('sessions.description')}>
      {maySeeAll ? (
        <FilterBar>
          <SegmentedControl
            size="xs"
            aria-label={t('sessions.whose')}
            value={isEveryone ? 'everyone' : 'own'}
            data={[
              { value: 'own', label: t('sessions.own') },
              { value: 'everyone', label: t('sessions.everyone') },
            ]}
            onChange={(value) =>
              void navigate({
                to: '/administration/sessions',
                search: value === 'everyone' ? { everyone: 'yes' } : {},
                replace: true,
              })
            }
          />
        </FilterBar>
      ) : null}
      <QueryView query={sessions}>
        {(rows) => (
          <DataTable
            label={t('sessions.title')}
            columns={columns}
            rows={rows}
            rowId={(session) => session.id}
            rowName={(session) => browserName(session.userAgent)}
            rowHeight={44}
            narrowRowHeight={72}
            narrowRow={(session) => (
              <NarrowRow
                title={browserName(session.userAgent)}
                aside={<LastUsed session={session} />}
                detail={`${session.administratorName} · ${session.remoteAddress}`}
                action={mayRevoke ? <RevokeButton session={session} onRevoke={setRevoked} /> : null}
              />
            )}
          />
        )}
      </QueryView>
      {revoked === undefined ? null : (
        <RevokeDialog session={revoked} onClose={() => setRevoked(undefined)} />
      )}
    </Page>
  );
}

function useColumns(
  isEveryone: boolean,
  onRevoke: ((session: Session) => void) | undefined,
): readonly TableColumn<Session>[] {
  const { t } = useTranslation(['access', 'common']);
  const columns: TableColumn<Session>[] = [
    {
      id: 'browser',
      header: t('sessions.browser'),
      minWidth: 190,
      weight: 1.5,
      cell: (session) => (
        <NameCell>
          <strong title={session.userAgent}>{browserName(session.userAgent)}</strong>
          {session.isCurrent ? <span className="hf-soft">({t('sessions.current')})</span> : null}
        </NameCell>
      ),
    },
    ...(isEveryone
      ? [
          {
            id: 'administrator',
            header: t('sessions.administrator'),
            minWidth: 120,
            weight: 1,
            cell: (session: Session) => <TextCell text={session.administratorName} />,
          },
        ]
      : []),
    {
      id: 'address',
      header: t('sessions.address'),
      minWidth: 120,
      weight: 1,
      cell: (session) => <TextCell text={session.remoteAddress} isSoft />,
    },
    {
      id: 'lastUsed',
      header: t('sessions.lastUsed'),
      minWidth: 110,
      weight: 0.8,
      cell: (session) => <LastUsed session={session} />,
    },
    {
      id: 'created',
      header: t('sessions.created'),
      minWidth: 110,
      weight: 0.8,
      cell: (session) => <RelativeTimeLabel at={session.createdAt} className="hf-soft" />,
    },
    {
      id: 'expires',
      header: t('sessions.expires'),
      minWidth: 90,
      weight: 0.7,
      cell: (session) => <RelativeTimeLabel at={session.expiresAt} className="hf-soft" />,
    },
  ];
  if (onRevoke === undefined) return columns;
  return [
    ...columns,
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 124,
      cell: (session) => <RevokeButton session={session} onRevoke={onRevoke} />,
    },
  ];
}

interface SessionProps {
  readonly session: Session;
}

function LastUsed({ session }: SessionProps) {
  return <RelativeTimeLabel at={session.lastUsedAt} className="hf-soft" />;
}

interface RevokeButtonProps extends SessionProps {
  readonly onRevoke: (session: Session) => void;
}

function RevokeButton({ session, onRevoke }: RevokeButtonProps) {
  const { t } = useTranslation('access');
  return (
    <RowAction
      text={t('sessions.revoke')}
      name={t('sessions.revokeName', {
        name: session.administratorName,
        browser: browserName(session.userAgent),
      })}
      onClick={() => onRevoke(session)}
    />
  );
}

interface RevokeDialogProps extends SessionProps {
  readonly onClose: () => void;
}

function RevokeDialog({ session, onClose }: RevokeDialogProps) {
  const { t } = useTranslation('access');
  const { api, guard } = useServices();
  const change = async (): Promise<void> => {
    await api.call(revokeSession, { params: { sessionId: session.id } });
    if (session.isCurrent) guard.expire();
  };
  return (
    <ChangeDialog
      title={t('sessions.revokeTitle')}
      confirmText={t('sessions.revoke')}
      change={change}
      // After one's own session nothing can be read any more, and the page itself says so.
      {...(session.isCurrent ? {} : { outdates: [sessionsKey], doneText: t('sessions.revoked') })}
      onClose={onClose}
    >
      <p>
        {t('sessions.revokeText', {
          name: session.administratorName,
          browser: browserName(session.userAgent),
          address: session.remoteAddress,
        })}
      </p>
      {session.isCurrent ? <p>{t('sessions.revokeOwnText')}</p> : null}
    </ChangeDialog>
  );
}
