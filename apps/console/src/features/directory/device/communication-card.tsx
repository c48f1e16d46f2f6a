import type { ProductCommunication } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card } from '../../../shared/page/card.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';

export interface CommunicationCardProps {
  readonly communication: ProductCommunication;
}

/** Connection Information: how a product and the server reach each other, and why so. */
export function CommunicationCard({ communication }: CommunicationCardProps) {
  const { t } = useTranslation(['communication', 'common']);
  const format = useFormat();
  const { mode, modeReason, transport, transportReason, intervalMs, lastNotification: last } = communication;
  return (
    <Card title={t('ways.title')}>
      <Facts>
        <Fact name={t('ways.heartbeats')}>
          {t(`common:transport.${transport}`)}
          <Reason code={transportReason} />
        </Fact>
        <Fact name={t('ways.interval')}>
          {intervalMs === null ? t('ways.intervalNone') : format.duration(intervalMs)}
        </Fact>
        <Fact name={t('ways.mode')}>
          {t(`ways.modes.${mode}`)}
          <Reason code={modeReason} />
        </Fact>
        <Fact name={t('ways.last')}>
          {last === null ? (
            t('ways.lastNone')
          ) : (
            <>
              <RelativeTimeLabel at={last.at} />
              <div className="hf-soft">
                {t('ways.lastText', {
                  way: t(`ways.way.${last.way}`),
                  outcome: t(`ways.outcome.${last.outcome}`),
                })}
              </div>
            </>
          )}
        </Fact>
      </Facts>
    </Card>
  );
}

/** A reason in words; one that this console does not know stands as it is. */
function Reason({ code }: { readonly code: string }) {
  const { t, i18n } = useTranslation('communication');
  if (code === '') return null;
  const key = `ways.reason.${code}`;
  // The code comes from the server, which may be newer than the list of texts.
  const text = i18n.exists(key, { ns: 'communication' }) ? String(t(key as 'ways.title')) : code;
  return <div className="hf-soft">{text}</div>;
}
