import type { ManagedProduct } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card, CardGrid } from '../../../shared/page/card.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { Meter } from '../../../shared/page/meter.tsx';
import { PresenceLabel } from '../../../shared/presence/presence-label.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { CommunicationCard } from './communication-card.tsx';
import { deviceQuery } from '../../../shared/devices/device-query.ts';

export function ConnectionTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  const details = useQuery(deviceQuery(useApi(), deviceId)).data;
  if (details === undefined) return null;
  return (
    <CardGrid>
      {details.products.map((product) => (
        <ProductCards key={product.productNumber} product={product} address={details.device.address} />
      ))}
    </CardGrid>
  );
}

interface ProductCardsProps {
  readonly product: ManagedProduct;
  readonly address: string;
}

/** A difference below this is the network, not the clock. */
const agreeingMs = 1_000;

function ProductCards({ product, address }: ProductCardsProps) {
  const { t } = useTranslation(['device', 'common']);
  const format = useFormat();
  const { clockSkewMs: skewMs } = product;
  const amount = skewMs === null ? '' : format.duration(Math.abs(skewMs));
  return (
    <>
      <Card title={t('connection.title')}>
        <Facts>
          <Fact name={t('connection.state')}>
            <PresenceLabel presence={product.presence} detail="full" />
          </Fact>
          {address === '' ? null : (
            <Fact name={t('connection.address')}>
              <CopyValue value={address} what={t('connection.address')} />
            </Fact>
          )}
          <Fact name={t('connection.handshake')}>
            {product.lastHandshakeAt === null ? (
              t('common:time.never')
            ) : (
              <RelativeTimeLabel at={product.lastHandshakeAt} />
            )}
          </Fact>
          <Fact name={t('connection.skew')}>
            {skewMs === null
              ? t('connection.skewUnknown')
              : Math.abs(skewMs) < agreeingMs
                ? t('connection.skewNone')
                : skewMs > 0
                  ? t('connection.skewBehind', { amount })
                  : t('connection.skewAhead', { amount })}
          </Fact>
        </Facts>
      </Card>
      <CommunicationCard communication={product.communication} />
      <ActivityCard activity={product.activity} />
      <Card
        title={`${product.name} ${product.version}`}
        aside={t('product', { number: product.productNumber })}
      >
        <Facts>
          <Fact name={t('connection.productState')}>
            {product.state === 'active' ? t('connection.stateActive') : t('connection.stateDisabled')}
          </Fact>
          <Fact name={t('connection.registered')}>
            <RelativeTimeLabel at={product.registeredAt} />
          </Fact>
          <Fact name={t('connection.key')}>
            <CopyValue value={product.keyThumbprint} what={t('connection.keyWhat')} />
          </Fact>
        </Facts>
      </Card>
    </>
  );
}

interface ActivityCardProps {
  readonly activity: ManagedProduct['activity'];
}

function ActivityCard({ activity }: ActivityCardProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const { uptimeSeconds, loadAverage, memoryUsedPercent, agentMemoryBytes, systemVolumeFreePercent } =
    activity;
  const isEmpty = Object.values(activity).every((value) => value === undefined);
  return (
    <Card title={t('connection.activity')}>
      {isEmpty ? <p className="hf-soft">{t('connection.activityNone')}</p> : null}
      <Facts>
        {uptimeSeconds === undefined ? null : (
          <Fact name={t('connection.uptime')}>{format.duration(uptimeSeconds * 1_000)}</Fact>
        )}
        {loadAverage === undefined ? null : <Fact name={t('facts.load')}>{loadAverage.toFixed(2)}</Fact>}
        {memoryUsedPercent === undefined ? null : (
          <Fact name={t('connection.memoryUsed')}>
            {format.percent(memoryUsedPercent / 100)}
            <Meter label={t('connection.memoryUsed')} share={memoryUsedPercent / 100} />
          </Fact>
        )}
        {systemVolumeFreePercent === undefined ? null : (
          <Fact name={t('connection.systemUsed')}>
            {format.percent(1 - systemVolumeFreePercent / 100)}
            <Meter label={t('connection.systemUsed')} share={1 - systemVolumeFreePercent / 100} />
          </Fact>
        )}
        {agentMemoryBytes === undefined ? null : (
          <Fact name={t('connection.agentMemory')}>{format.bytes(agentMemoryBytes)}</Fact>
        )}
      </Facts>
    </Card>
  );
}
