import { type ApiKey, permissionTexts, revokeApiKey } from '@holdfast/api';
import { Button, Tooltip } from '@mantine/core';
import { IconKey } from '../../shared/icons/icons.ts';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { ChangeDialog } from '../../shared/dialogs/change-dialog.tsx';
import { groupPathText } from '../../shared/groups/group-path.ts';
import { groupsQuery } from '../../shared/groups/groups-query.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { NameCell, NarrowRow, TextCell } from '../../shared/table/cells.tsx';
import { DataTable } from '../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../shared/table/table-column.ts';
import { RowAction } from '../../shared/table/row-action.tsx';
import { RelativeTimeLabel } from '../../shared/time/relative-time-label.tsx';
import { apiKeysKey, apiKeysQuery } from './api/access-queries.ts';
import { CreateApiKeyDialog } from './components/create-api-key-dialog.tsx';

export function ApiKeysPage() {
  const { t } = useTranslation(['access', 'common']);
  const mayManage = usePermission('administrators:manage');
  const keys = useInfiniteQuery(apiKeysQuery(useApi()));
  const [isCreating, setCreating] = useState(false);
  const [revoked, setRevoked] = useState<ApiKey>();
  const columns = useColumns(mayManage ? setRevoked : undefined);
  return (
    <Page
      layout="fill"
      title={t('apiKeys.title')}
      description={t('apiKeys.description')}
      actions={
        mayManage ? <Button onClick={() => setCreating(true)}>{t('apiKeys.create')}</Button> : undefined
      }
    >
      <QueryView query={keys}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.apiKeys);
          return rows.length === 0 ? (
            <EmptyState
              icon={<IconKey size={28} stroke={1.5} />}
              title={t('apiKeys.emptyTitle')}
              text={t('apiKeys.emptyText')}
            />
          ) : (
            <DataTable
              label={t('apiKeys.title')}
              columns={columns}
              rows={rows}
              rowId={(key) => key.id}
              rowName={(key) => key.name}
              rowHeight={44}
              narrowRowHeight={72}
              narrowRow={(key) => (
                <NarrowRow
                  title={key.name}
                  aside={<PermissionCount apiKey={key} />}
                  detail={
                    <>
                      <code>{key.prefix}…</code> <MadeKeys apiKey={key} />
                    </>
                  }
                  action={mayManage ? <RevokeButton apiKey={key} onRevoke={setRevoked} /> : null}
                />
              )}
              onEndReached={() => {
                if (keys.hasNextPage && !keys.isFetching) void keys.fetchNextPage();
              }}
              foot={keys.hasNextPage ? t('common:table.loadingMore') : undefined}
            />
          );
        }}
      </QueryView>
      {isCreating ? <CreateApiKeyDialog onClose={() => setCreating(false)} /> : null}
      {revoked === undefined ? null : <RevokeDialog apiKey={revoked} onClose={() => setRevoked(undefined)} />}
    </Page>
  );
}

function useColumns(onRevoke: ((apiKey: ApiKey) => void) | undefined): readonly TableColumn<ApiKey>[] {
  const { t } = useTranslation(['access', 'common']);
  const columns: TableColumn<ApiKey>[] = [
    {
      id: 'name',
      header: t('apiKeys.name'),
      minWidth: 220,
      weight: 2.6,
      cell: (key) => (
        <NameCell note={<MadeKeys apiKey={key} />}>
          <strong title={key.name}>{key.name}</strong>
        </NameCell>
      ),
    },
    {
      id: 'prefix',
      header: t('apiKeys.prefix'),
      minWidth: 110,
      weight: 0.8,
      cell: (key) => <TextCell text={`${key.prefix}…`} isMono isSoft />,
    },
    {
      id: 'permissions',
      header: t('apiKeys.permissions'),
      minWidth: 120,
      weight: 0.8,
      cell: (key) => <PermissionCount apiKey={key} />,
    },
    {
      id: 'scope',
      header: t('apiKeys.scope'),
      minWidth: 120,
      weight: 1,
      cell: (key) => <KeyScope apiKey={key} />,
    },
    {
      id: 'lastUsed',
      header: t('apiKeys.lastUsed'),
      minWidth: 100,
      weight: 0.7,
      cell: (key) =>
        key.lastUsedAt === null ? (
          <span className="hf-soft">{t('apiKeys.neverUsed')}</span>
        ) : (
          <RelativeTimeLabel at={key.lastUsedAt} className="hf-soft" />
        ),
    },
    {
      id: 'expires',
      header: t('apiKeys.expires'),
      minWidth: 100,
      weight: 0.7,
      cell: (key) =>
        key.expiresAt === null ? (
          <span className="hf-soft">{t('apiKeys.neverExpires')}</span>
        ) : (
          <RelativeTimeLabel at={key.expiresAt} className="hf-soft" />
        ),
    },
    {
      id: 'created',
      header: t('apiKeys.created'),
      minWidth: 170,
      weight: 1.4,
      cell: (key) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={key.createdAt} /> · {key.createdBy}
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
      cell: (key) => <RevokeButton apiKey={key} onRevoke={onRevoke} />,
    },
  ];
}

interface ApiKeyProps {
  readonly apiKey: ApiKey;
}

/** That other keys hang on this one. */
function MadeKeys({ apiKey }: ApiKeyProps) {
  const { t } = useTranslation('access');
  if (apiKey.madeKeyCount === 0) return null;
  return (
    <span className="hf-soft" title={t('apiKeys.madeKeysText')}>
      {t('apiKeys.madeKeys', { count: apiKey.madeKeyCount })}
    </span>
  );
}

function PermissionCount({ apiKey }: ApiKeyProps) {
  const { t } = useTranslation('access');
  return (
    <Tooltip label={apiKey.permissions.map((permission) => permissionTexts[permission]).join('. ')}>
      <span>{t('apiKeys.permissionCount', { count: apiKey.permissions.length })}</span>
    </Tooltip>
  );
}

function KeyScope({ apiKey }: ApiKeyProps) {
  const { t } = useTranslation('access');
  const groups = useQuery(groupsQuery(useApi())).data ?? [];
  const group = groups.find((candidate) => candidate.id === apiKey.scopeGroupId);
  if (apiKey.scopeGroupId === null) return <span className="hf-soft">{t('apiKeys.everything')}</span>;
  if (apiKey.isScopeGone) return <span className="hf-soft">{t('apiKeys.scopeGone')}</span>;
  return <TextCell text={group === undefined ? apiKey.scopeGroupId : groupPathText(group)} />;
}

interface RevokeButtonProps extends ApiKeyProps {
  readonly onRevoke: (apiKey: ApiKey) => void;
}

function RevokeButton({ apiKey, onRevoke }: RevokeButtonProps) {
  const { t } = useTranslation('access');
  return (
    <RowAction
      text={t('apiKeys.revoke')}
      name={t('apiKeys.revokeName', { name: apiKey.name })}
      onClick={() => onRevoke(apiKey)}
    />
  );
}

interface RevokeDialogProps extends ApiKeyProps {
  readonly onClose: () => void;
}

function RevokeDialog({ apiKey, onClose }: RevokeDialogProps) {
  const { t } = useTranslation('access');
  const api = useApi();
  const made = apiKey.madeKeyCount;
  return (
    <ChangeDialog
      title={t('apiKeys.revokeTitle', { name: apiKey.name })}
      confirmText={made === 0 ? t('apiKeys.revoke') : t('apiKeys.revokeMany', { count: made + 1 })}
      change={() => api.call(revokeApiKey, { params: { apiKeyId: apiKey.id } })}
      outdates={apiKeysKey}
      doneText={made === 0 ? t('apiKeys.revoked') : t('apiKeys.revokedMany')}
      onClose={onClose}
    >
      <p>{t('apiKeys.revokeText')}</p>
      {made === 0 ? null : <p>{t('apiKeys.revokeMadeText', { count: made })}</p>}
    </ChangeDialog>
  );
}
