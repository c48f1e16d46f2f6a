import type { LogRecord } from '@holdfast/api';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { EntryDrawer } from '../../../shared/entries/entry-drawer.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Fact } from '../../../shared/page/facts.tsx';
import { commandOf } from '../log-command.ts';
import { logTypeText } from '../log-types.ts';
import { SeverityLabel } from './severity-label.tsx';

export interface LogDrawerProps {
  readonly entry: LogRecord | undefined;
  readonly onClose: () => void;
}

/** Everything about one entry of the log, beside the list. */
export function LogDrawer({ entry, onClose }: LogDrawerProps) {
  const { t } = useTranslation('logs');
  return (
    <EntryDrawer
      entry={entry}
      title={({ type }) => logTypeText(type)}
      lead={({ text }) => text}
      facts={(open) => <EntryFacts entry={open} />}
      detailsTitle={t('detail.facts')}
      details={({ facts }) => facts ?? {}}
      onClose={onClose}
    />
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
  const commandId = commandOf(entry);
  return (
    <>
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
        {entry.deviceDistinction === undefined ? null : (
          <div className="hf-soft">{entry.deviceDistinction}</div>
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
          <div className="hf-soft">{t('detail.later', { duration: format.duration(receivedMs - atMs) })}</div>
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
    </>
  );
}
