import type { AuditEntry } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { actionText } from '../action-text.ts';
import classes from './entry-drawer.module.css';

export interface EntryDrawerProps {
  readonly entry: AuditEntry | undefined;
  readonly onClose: () => void;
}

export function EntryDrawer({ entry, onClose }: EntryDrawerProps) {
  const { t } = useTranslation('audit');
  return (
    <SidePanel
      title={entry === undefined ? '' : t('detail.title', { sequence: entry.sequence })}
      isOpen={entry !== undefined}
      side="right"
      size={460}
      onClose={onClose}
    >
      {entry === undefined ? null : <EntryFacts entry={entry} />}
    </SidePanel>
  );
}

interface EntryFactsProps {
  readonly entry: AuditEntry;
}

function EntryFacts({ entry }: EntryFactsProps) {
  const { t } = useTranslation('audit');
  const format = useFormat();
  const details = Object.entries(entry.details);
  return (
    <div className={classes.body}>
      <Facts>
        <Fact name={t('detail.time')}>{format.exact(Date.parse(entry.occurredAt))}</Fact>
        <Fact name={t('detail.action')}>{actionText(entry.action)}</Fact>
        <Fact name={t('detail.code')}>
          <code>{entry.action}</code>
        </Fact>
        <Fact name={t('detail.actor')}>
          {entry.actorName} <span className="hf-soft">{t(`actor.${entry.actorKind}`)}</span>
        </Fact>
        <Fact name={t('detail.object')}>
          {entry.objectName} <span className="hf-soft">{entry.objectKind}</span>
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
      </Facts>
      <section aria-label={t('detail.details')}>
        <h3 className={classes.title}>{t('detail.details')}</h3>
        {details.length === 0 ? <p className="hf-soft">{t('detail.noDetails')}</p> : null}
        <Facts>
          {details.map(([name, value]) => (
            <Fact key={name} name={name}>
              {typeof value === 'string' ? value : <code>{JSON.stringify(value)}</code>}
            </Fact>
          ))}
        </Facts>
      </section>
      {entry.objectId === '' ? null : (
        <Link to="/audit-log" search={{ object: entry.objectId }}>
          {t('detail.sameObject')}
        </Link>
      )}
    </div>
  );
}
