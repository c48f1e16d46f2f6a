import type { EnrolmentToken, TokenArrival } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { arrivalsQuery } from '../api/arrivals-query.ts';
import { tokensQuery } from '../api/tokens-query.ts';
import classes from './token-created.module.css';

export interface TokenArrivalsProps {
  readonly token: EnrolmentToken;
  /** The administrator goes to a page that the dialog would cover. */
  readonly onLeave: () => void;
}

const tones: Readonly<Record<TokenArrival['state'], StatusTone>> = {
  joined: 'good',
  waiting: 'attention',
  refused: 'failed',
};

/** Waits with whoever stands before the device; what comes shows by itself. */
export function TokenArrivals({ token, onLeave }: TokenArrivalsProps) {
  const { t } = useTranslation('enrolment');
  const api = useApi();
  const arrivals = useQuery(arrivalsQuery(api, token.id)).data ?? [];
  const current = useQuery(tokensQuery(api)).data?.find(({ id }) => id === token.id) ?? token;
  return (
    <section className={classes.arrivals} aria-label={t('arrivals.title')}>
      <div role="status">
        {current.state === 'active' ? (
          <StatusLabel
            tone="running"
            text={arrivals.length === 0 ? t('arrivals.waiting') : t('arrivals.waitingForMore')}
            isWrapping
          />
        ) : arrivals.length === 0 ? (
          <StatusLabel tone="idle" text={t(`arrivals.ended.${current.state}`)} isHollow isWrapping />
        ) : null}
      </div>
      {arrivals.length === 0 ? null : (
        <ul className={classes.arrivalList}>
          {arrivals.map((arrival) => (
            <Arrival key={arrival.keyThumbprint} arrival={arrival} onLeave={onLeave} />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ArrivalProps {
  readonly arrival: TokenArrival;
  readonly onLeave: () => void;
}

function Arrival({ arrival, onLeave }: ArrivalProps) {
  const { t } = useTranslation('enrolment');
  const { state, deviceName, deviceId, keyThumbprint, at } = arrival;
  return (
    <li className={classes.arrival}>
      <p className={classes.arrivalHead}>
        {deviceId === null ? (
          <strong>{deviceName}</strong>
        ) : (
          <Link to="/devices/$deviceId" params={{ deviceId }} onClick={onLeave}>
            {deviceName}
          </Link>
        )}
        <StatusLabel tone={tones[state]} text={t(`arrivals.state.${state}`)} />
        <RelativeTimeLabel at={at} className="hf-soft" />
      </p>
      {state === 'waiting' ? (
        <>
          <p className="hf-soft">{t('waitingPage.compare')}</p>
          <CopyValue value={keyThumbprint} what={t('waitingPage.thumbprint')} isWrapping />
          <p>
            <Link to="/enrolment/waiting" onClick={onLeave}>
              {t('arrivals.admit')}
            </Link>
          </p>
        </>
      ) : null}
    </li>
  );
}
