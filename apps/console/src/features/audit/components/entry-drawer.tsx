import { type AuditEntry, auditActionText, auditObjectText } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { type DetailValue, detailLinesOf } from '../../../shared/format/detail-lines.ts';
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
  const lines = detailLinesOf(entry.details);
  const show = (value: DetailValue): string => {
    switch (value.kind) {
      case 'text':
        return value.text;
      case 'number':
        return format.count(value.value);
      case 'duration':
        return format.duration(value.durationMs);
      case 'instant':
        return format.exact(value.atMs);
      case 'truth':
        return value.isTrue ? t('detail.yes') : t('detail.no');
      case 'nothing':
        return t('detail.nothing');
    }
  };
  return (
    <div className={classes.body}>
      <Facts>
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
      </Facts>
      <section aria-label={t('detail.details')}>
        <h3 className={classes.title}>{t('detail.details')}</h3>
        {lines.length === 0 ? <p className="hf-soft">{t('detail.noDetails')}</p> : null}
        <Facts>
          {lines.map((line) => (
            <Fact key={line.name} name={line.name}>
              {line.before === undefined ? null : (
                <>
                  <span className="hf-soft">{show(line.before)}</span>{' '}
                  <span aria-label={t('detail.then')}>→</span>{' '}
                </>
              )}
              {show(line.value)}
            </Fact>
          ))}
        </Facts>
      </section>
      <details className={classes.raw}>
        <summary>{t('detail.raw')}</summary>
        <CopyValue value={JSON.stringify(entry, null, 2)} what={t('detail.rawWhat')} isBlock />
      </details>
    </div>
  );
}
