import { type EnrolmentToken, revokeEnrolmentToken } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconPlugConnected } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { ChangeDialog } from '../../shared/dialogs/change-dialog.tsx';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { StatusLabel, type StatusTone } from '../../shared/page/status-label.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NameCell, NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../shared/table/table-column.ts';
import { RowAction } from '../../shared/table/row-action.tsx';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { tokensKey, tokensQuery } from './api/tokens-query.ts';
import { EnrolmentTabs } from './components/enrolment-tabs.tsx';
import { isOwnComputerToken } from './own-computer-token.ts';

const tones: Readonly<Record<EnrolmentToken['state'], StatusTone>> = {
  active: 'good',
  'used-up': 'idle',
  expired: 'idle',
  revoked: 'idle',
};

export function TokensPage() {
  const { t } = useTranslation('enrolment');
  const openDialog = useDialogs();
  const mayManage = usePermission('enrolment-tokens:manage');
  const tokens = useQuery(tokensQuery(useApi()));
  const [revoked, setRevoked] = useState<EnrolmentToken>();
  const columns = useColumns(mayManage ? setRevoked : undefined);
  const create = mayManage ? (
    <Button onClick={() => openDialog({ kind: 'create-token' })}>{t('create')}</Button>
  ) : undefined;
  return (
    <Page layout="fill" title={t('title')} description={t('description')} actions={create}>
      <EnrolmentTabs />
      <QueryView query={tokens}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={<IconPlugConnected size={28} stroke={1.5} />}
              title={t('emptyTitle')}
              text={t('emptyText')}
            />
          ) : (
            <DataTable
              label={t('tokens')}
              columns={columns}
              rows={rows}
              rowId={(token) => token.id}
              rowName={(token) => token.name}
              rowHeight={44}
              narrowRowHeight={72}
              narrowRow={(token) => (
                <NarrowRow
                  title={token.name}
                  aside={<TokenState token={token} />}
                  detail={<TokenNote token={token} fallback={<TokenUses token={token} />} />}
                  action={mayManage ? <RevokeButton token={token} onRevoke={setRevoked} /> : null}
                />
              )}
              foot={t('count', { count: rows.length })}
            />
          )
        }
      </QueryView>
      {revoked === undefined ? null : <RevokeDialog token={revoked} onClose={() => setRevoked(undefined)} />}
    </Page>
  );
}

function useColumns(
  onRevoke: ((token: EnrolmentToken) => void) | undefined,
): readonly TableColumn<EnrolmentToken>[] {
  const { t } = useTranslation(['enrolment', 'common']);
  const columns: TableColumn<EnrolmentToken>[] = [
    {
      id: 'name',
      header: t('column.name'),
      minWidth: 180,
      weight: 1.8,
      cell: (token) => (
        <NameCell note={<TokenNote token={token} />}>
          <strong title={token.name}>{token.name}</strong>
        </NameCell>
      ),
    },
    {
      id: 'state',
      header: t('column.state'),
      minWidth: 110,
      weight: 0.7,
      cell: (token) => <TokenState token={token} />,
    },
    {
      id: 'group',
      header: t('column.group'),
      minWidth: 140,
      weight: 1.2,
      cell: (token) => <TextCell text={token.groupPath.join(' / ')} fallback={t('topGroup')} />,
    },
    {
      id: 'uses',
      header: t('column.uses'),
      minWidth: 110,
      weight: 0.7,
      cell: (token) => <TokenUses token={token} />,
    },
    {
      id: 'approval',
      header: t('column.approval'),
      minWidth: 90,
      weight: 0.6,
      cell: (token) => (
        <span className="hf-soft">{token.isApprovalNeeded ? t('approvalNeeded') : t('approvalNone')}</span>
      ),
    },
    {
      id: 'expires',
      header: t('column.expires'),
      minWidth: 100,
      weight: 0.7,
      cell: (token) => <RelativeTimeLabel at={token.expiresAt} className="hf-soft" />,
    },
    {
      id: 'created',
      header: t('column.created'),
      minWidth: 150,
      weight: 1,
      cell: (token) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={token.createdAt} /> {t('createdBy', { name: token.createdBy })}
        </span>
      ),
    },
  ];
  if (onRevoke === undefined) return columns;
  return [
    ...columns,
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 92,
      cell: (token) => <RevokeButton token={token} onRevoke={onRevoke} />,
    },
  ];
}

interface TokenProps {
  readonly token: EnrolmentToken;
}

function TokenState({ token }: TokenProps) {
  const { t } = useTranslation('enrolment');
  return (
    <StatusLabel
      tone={tones[token.state]}
      text={t(`state.${token.state}`)}
      isHollow={token.state !== 'active'}
    />
  );
}

interface TokenNoteProps extends TokenProps {
  readonly fallback?: ReactNode;
}

/** Why there is a token that nobody here created. */
function TokenNote({ token, fallback = null }: TokenNoteProps) {
  const { t } = useTranslation('enrolment');
  if (!isOwnComputerToken(token)) return fallback;
  return (
    <span className="hf-soft" title={t('ownComputer.text')}>
      {token.state === 'used-up' ? t('ownComputer.used') : t('ownComputer.unused')}
    </span>
  );
}

function TokenUses({ token }: TokenProps) {
  const { t } = useTranslation('enrolment');
  return (
    <span className="hf-soft">
      {token.maxUses === null
        ? t('usesUnlimited', { uses: token.uses })
        : t('usesOf', { uses: token.uses, max: token.maxUses })}
    </span>
  );
}

interface RevokeButtonProps extends TokenProps {
  readonly onRevoke: (token: EnrolmentToken) => void;
}

function RevokeButton({ token, onRevoke }: RevokeButtonProps) {
  const { t } = useTranslation('enrolment');
  if (token.state !== 'active') return null;
  return (
    <RowAction
      text={t('revoke')}
      name={t('revokeName', { name: token.name })}
      onClick={() => onRevoke(token)}
    />
  );
}

interface RevokeDialogProps extends TokenProps {
  readonly onClose: () => void;
}

function RevokeDialog({ token, onClose }: RevokeDialogProps) {
  const { t } = useTranslation('enrolment');
  const api = useApi();
  return (
    <ChangeDialog
      title={t('revokeTitle', { name: token.name })}
      confirmText={t('revoke')}
      change={() => api.call(revokeEnrolmentToken, { params: { tokenId: token.id } })}
      outdates={tokensKey}
      doneText={t('revoked', { name: token.name })}
      onClose={onClose}
    >
      {t('revokeText')}
    </ChangeDialog>
  );
}
