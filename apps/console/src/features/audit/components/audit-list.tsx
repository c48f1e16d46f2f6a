import { type AuditEntry, auditActionText, auditObjectText } from '@holdfast/api';
import { IconHistory } from '../../../shared/icons/icons.ts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../../shared/api/services.ts';
import { EntryList } from '../../../shared/entries/entry-list.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState, NoMatch } from '../../../shared/page/states.tsx';
import { NameCell, TextCell } from '../../../shared/table/cells.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { type AuditFilter, auditQuery } from '../api/audit-query.ts';
import { AuditDrawer } from './audit-drawer.tsx';
import classes from './audit-list.module.css';

export interface AuditListProps {
  readonly filter: AuditFilter;
  /** Where filters can be cleared. */
  readonly onClear?: (() => void) | undefined;
}

export function AuditList({ filter, onClear }: AuditListProps) {
  const { t } = useTranslation('audit');
  const { api, ticker } = useServices();
  const list = useInfiniteQuery(auditQuery(api, filter, ticker.now));
  const columns = useColumns();
  const isOfDevice = onClear === undefined && filter.objectId !== undefined;
  return (
    <QueryView query={list}>
      {({ pages }) => {
        const entries = pages.flatMap((page) => page.entries);
        if (entries.length === 0) {
          return onClear === undefined ? (
            <EmptyState
              icon={<IconHistory size={28} stroke={1.5} />}
              title={isOfDevice ? t('emptyDeviceTitle') : t('emptyTitle')}
              text={t('emptyText')}
            />
          ) : (
            <NoMatch title={t('noMatch')} onClear={onClear} />
          );
        }
        return (
          <EntryList
            label={t('list')}
            entries={entries}
            entryId={(entry) => entry.id}
            entryName={(entry) => auditActionText(entry.action)}
            entryAt={(entry) => entry.occurredAt}
            timeHeader={t('column.time')}
            columns={columns}
            narrowDetail={(entry) => [entry.actorName, nameOf(entry)]}
            pages={list}
            isEmbedded={isOfDevice}
            drawer={(open, close) => <AuditDrawer entry={open} onClose={close} />}
          />
        );
      }}
    </QueryView>
  );
}

/** With what tells a device from others of its name. */
function nameOf({ objectName, objectId, objectDistinction }: AuditEntry): string {
  const name = objectName === '' ? objectId : objectName;
  return objectDistinction === undefined ? name : `${name} (${objectDistinction})`;
}

function useColumns(): readonly TableColumn<AuditEntry>[] {
  const { t } = useTranslation('audit');
  return [
    {
      id: 'action',
      header: t('column.action'),
      minWidth: 190,
      weight: 2.2,
      cell: (entry) => (
        <NameCell>
          <strong title={auditActionText(entry.action)}>{auditActionText(entry.action)}</strong>
        </NameCell>
      ),
    },
    {
      id: 'object',
      header: t('column.object'),
      minWidth: 180,
      weight: 1.6,
      cell: (entry) => {
        const name = nameOf(entry);
        const kind = auditObjectText(entry.objectKind);
        return (
          <span className={classes.pair} title={`${name} (${kind})`}>
            {name} <span className="hf-soft">{kind}</span>
          </span>
        );
      },
    },
    {
      id: 'actor',
      header: t('column.actor'),
      minWidth: 180,
      weight: 1.2,
      cell: (entry) => (
        <span className={classes.pair} title={`${entry.actorName} (${t(`actor.${entry.actorKind}`)})`.trim()}>
          {entry.actorName === '' ? null : <>{entry.actorName} </>}
          <span className="hf-soft">{t(`actor.${entry.actorKind}`)}</span>
        </span>
      ),
    },
    {
      id: 'address',
      header: t('column.address'),
      minWidth: 130,
      weight: 0.1,
      cell: (entry) => <TextCell text={entry.remoteAddress} isSoft />,
    },
  ];
}
