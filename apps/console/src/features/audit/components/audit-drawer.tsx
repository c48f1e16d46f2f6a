import { type AuditEntry, auditActionText, auditObjectText } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EntryDrawer } from '../../../shared/entries/entry-drawer.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact } from '../../../shared/page/facts.tsx';

export interface AuditDrawerProps {
  readonly entry: AuditEntry | undefined;
  readonly onClose: () => void;
}

/** Everything about one entry of the audit log, beside the list. */
export function AuditDrawer({ entry, onClose }: AuditDrawerProps) {
  const { t } = useTranslation('audit');
  return (
    <EntryDrawer
      entry={entry}
      title={({ sequence }) => t('detail.title', { sequence })}
      facts={(open) => <EntryFacts entry={open} />}
      detailsTitle={t('detail.details')}
      details={({ details }) => details}
      noDetails={t('detail.noDetails')}
      onClose={onClose}
    />
  );
}

interface EntryFactsProps {
  readonly entry: AuditEntry;
}

function EntryFacts({ entry }: EntryFactsProps) {
  const { t } = useTranslation('audit');
  const format = useFormat();
  return (
    <>
      <Fact name={t('detail.time')}>
        {format.exact(Date.parse(entry.occurredAt))}
        <div className="hf-soft">{entry.occurredAt}</div>
      </Fact>
      <Fact name={t('detail.action')}>{auditActionText(entry.action)}</Fact>
      <Fact name={t('detail.code')}>
        <code>{entry.action}</code>
      </Fact>
      <Fact name={t('detail.actor')}>
        {entry.actorName} <span className="hf-soft">{t(`actor.${entry.actorKind}`)}</span>
        {entry.actorName === '' ? null : (
          <div>
            <Link to="/audit-log" search={{ actor: entry.actorKind, by: entry.actorName }}>
              {t('detail.sameActor', { name: entry.actorName })}
            </Link>
          </div>
        )}
      </Fact>
      <Fact name={t('detail.object')}>
        {entry.objectName} <span className="hf-soft">{auditObjectText(entry.objectKind)}</span>
        {entry.objectDistinction === undefined ? null : (
          <div className="hf-soft">{entry.objectDistinction}</div>
        )}
        {entry.objectId === '' ? null : (
          <div>
            <Link to="/audit-log" search={{ object: entry.objectId }}>
              {t('detail.sameObject')}
            </Link>
          </div>
        )}
      </Fact>
      {entry.objectId === '' ? null : (
        <Fact name={t('detail.objectId')}>
          <CopyValue value={entry.objectId} what={t('detail.objectId')} />
        </Fact>
      )}
      <Fact name={t('detail.from')}>{entry.remoteAddress === '' ? '–' : entry.remoteAddress}</Fact>
      <Fact name={t('detail.request')}>
        <CopyValue value={entry.requestId} what={t('detail.request')} />
      </Fact>
    </>
  );
}
