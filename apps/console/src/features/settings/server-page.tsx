import type { SystemState } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Card, CardGrid } from '../../shared/page/card.tsx';
import { CopyValue } from '../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../shared/page/facts.tsx';
import { Notice } from '../../shared/page/notice.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { StatusLabel } from '../../shared/page/status-label.tsx';
import { systemQuery } from '../../shared/system/system-query.ts';
import { useTicking } from '../../shared/time/use-ticking.ts';

const soonMs = 30 * 86_400_000;

export function ServerPage() {
  const { t } = useTranslation('settings');
  const system = useQuery(systemQuery(useApi()));
  return (
    <Page layout="wide" title={t('server.title')} description={t('server.description')}>
      <QueryView query={system}>{(state) => <SystemCards state={state} />}</QueryView>
    </Page>
  );
}

interface SystemCardsProps {
  readonly state: SystemState;
}

function SystemCards({ state }: SystemCardsProps) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const running = useTicking((nowMs) => format.duration(nowMs - Date.parse(state.startedAt)));
  const time = useTicking((nowMs) => format.exact(nowMs));
  const left = useTicking((nowMs) => format.ago(nowMs, Date.parse(state.certificateExpiresAt)));
  const endsSoon = useTicking((nowMs) => Date.parse(state.certificateExpiresAt) - nowMs < soonMs);
  return (
    <CardGrid>
      <Card title={t('server.system')}>
        <Facts>
          <Fact name={t('server.version')}>{state.version}</Fact>
          <Fact name={t('server.running')}>
            <span title={format.exact(Date.parse(state.startedAt))}>{running}</span>
          </Fact>
          <Fact name={t('server.time')}>{time}</Fact>
          <Fact name={t('server.memory')}>{format.bytes(state.memoryBytes)}</Fact>
          <Fact name={t('server.products')}>{format.count(state.productCount)}</Fact>
        </Facts>
      </Card>
      <Card title={t('server.addresses')}>
        <p className="hf-soft">{t('server.addressesText')}</p>
        <Facts>
          <Fact name="HTTPS">
            {state.addresses.map((address) => (
              <div key={address}>
                <CopyValue value={address} what={t('server.address')} isWrapping />
              </div>
            ))}
          </Fact>
          <Fact name={t('server.udp')}>
            {state.udpPort === null ? t('server.udpNone') : t('server.udpPort', { port: state.udpPort })}
          </Fact>
        </Facts>
      </Card>
      <Card title={t('server.database')}>
        {state.database.isNewer ? <Notice tone="attention">{t('server.newer')}</Notice> : null}
        <Facts>
          <Fact name={t('server.databaseKind')}>{t(`server.kind.${state.database.kind}`)}</Fact>
          <Fact name={t('server.version')}>{state.database.version}</Fact>
          <Fact name={t('server.state')}>
            <DatabaseState database={state.database} />
          </Fact>
        </Facts>
      </Card>
      <Card title={t('server.certificate')} isWide>
        {endsSoon ? <Notice tone="attention">{t('server.expiresSoon')}</Notice> : null}
        <AuthorityNotice authority={state.authority} />
        <Facts>
          <Fact name={t('server.authorityExpires')}>
            {format.exact(Date.parse(state.authority.expiresAt))}
            {state.authority.next === null ? null : (
              <div className="hf-soft">
                {t('server.nextAuthority', {
                  known: state.authority.next.knownBy,
                  unknown: state.authority.next.unknownTo,
                })}
              </div>
            )}
          </Fact>
          <Fact name={t('server.expires')}>
            {format.exact(Date.parse(state.certificateExpiresAt))} <span className="hf-soft">({left})</span>
          </Fact>
          <Fact name={t('server.fingerprint')}>
            <CopyValue value={state.authorityFingerprint} what={t('server.fingerprintWhat')} />
            <div className="hf-soft">{t('server.fingerprintText')}</div>
          </Fact>
        </Facts>
      </Card>
    </CardGrid>
  );
}

function AuthorityNotice({ authority }: { readonly authority: SystemState['authority'] }) {
  const { t } = useTranslation('settings');
  const { phase, isOwn } = authority;
  if (phase === 'good' || phase === 'renewal-due') return null;
  const isLate = phase !== 'ends-soon';
  return (
    <Notice tone={isLate ? 'failed' : 'attention'}>
      {t(isOwn ? `server.authority.${phase}` : 'server.authority.supplied')}
    </Notice>
  );
}

function DatabaseState({ database }: { readonly database: SystemState['database'] }) {
  const { t } = useTranslation('settings');
  if (!database.isReachable) return <StatusLabel tone="failed" text={t('server.notReachable')} />;
  if (!database.isWritable) return <StatusLabel tone="failed" text={t('server.notWritable')} />;
  return <StatusLabel tone="good" text={t('server.reachable')} />;
}
