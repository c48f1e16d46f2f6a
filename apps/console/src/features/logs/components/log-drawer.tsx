import type { LogRecord } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { type DetailValue, detailLinesOf } from '../../../shared/format/detail-lines.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { commandOf } from '../log-command.ts';
import { logTypeText } from '../log-types.ts';
import classes from './log-drawer.module.css';
import { SeverityLabel } from './severity-label.tsx';

export interface LogDrawerProps {
  readonly entry: LogRecord | undefined;
  readonly onClose: () => void;
}

/** Everything about one entry, beside the list. */
export function LogDrawer({ entry, onClose }: LogDrawerProps) {
  return (
    <SidePanel
      title={entry === undefined ? '' : logTypeText(entry.type)}
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
  readonly entry: LogRecord;
}

function EntryFacts({ entry }: EntryFactsProps) {
  const { t } = useTranslation('logs');
  const format = useFormat();
  const receivedMs = Date.parse(entry.receivedAt);
  const atMs = Date.parse(entry.at);
  const lines = detailLinesOf(entry.facts ?? {});
  const commandId = commandOf(entry);
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
      {entry.text === '' ? null : <p>{entry.text}</p>}
      <Facts>
        <Fact name={t('detail.severity')}>
          <SeverityLabel severity={entry.severity} />
        </Fact>
        <Fact name={t('detail.device')}>
          {entry.deviceId === null ? (
            entry.deviceName
          ) : (
            <Link to="/devices/$deviceId" params={{ deviceId: entry.deviceId }}>
              {entry.deviceName}
            </Link>
          )}
          {entry.deviceId === null ? null : (
            <div>
              <Link to="/logs" search={{ device: entry.deviceId }}>
                {t('detail.sameDevice')}
              </Link>
            </div>
          )}
        </Fact>
        <Fact name={t('detail.at')}>
          {format.exact(atMs)}
          <div className="hf-soft">{t('detail.atHelp')}</div>
        </Fact>
        <Fact name={t('detail.received')}>
          {format.exact(receivedMs)}
          {receivedMs - atMs < 1_000 ? null : (
            <div className="hf-soft">
              {t('detail.later', { duration: format.duration(receivedMs - atMs) })}
            </div>
          )}
        </Fact>
        <Fact name={t('detail.type')}>
          <code>{entry.type}</code>
          <div>
            <Link to="/logs" search={{ type: entry.type }}>
              {t('detail.sameType')}
            </Link>
          </div>
        </Fact>
        <Fact name={t('detail.source')}>{t(`source.${entry.source}`)}</Fact>
        <Fact name={t('detail.product')}>{entry.productNumber}</Fact>
        {commandId === undefined ? null : (
          <Fact name={t('detail.command')}>
            <Link to="/commands/$commandId" params={{ commandId }}>
              {t('detail.openCommand')}
            </Link>
          </Fact>
        )}
      </Facts>
      {lines.length === 0 ? null : (
        <section aria-label={t('detail.facts')}>
          <h3 className={classes.title}>{t('detail.facts')}</h3>
          <Facts>
            {lines.map((line) => (
              <Fact key={line.name} name={line.name}>
                {line.before === undefined ? null : `${show(line.before)} → `}
                {show(line.value)}
              </Fact>
            ))}
          </Facts>
        </section>
      )}
      <details className={classes.raw}>
        <summary>{t('detail.raw')}</summary>
        <CopyValue value={JSON.stringify(entry, null, 2)} what={t('detail.rawWhat')} isBlock />
      </details>
    </div>
  );
}
