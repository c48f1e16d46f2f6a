import type { DeviceDetails, InventoryFacts } from '@holdfast/api';
import { IconListDetails } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card, CardGrid } from '../../../shared/page/card.tsx';
import { CopyValue } from '../../../shared/page/copy-value.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { Meter } from '../../../shared/page/meter.tsx';
import { EmptyState } from '../../../shared/page/states.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { deviceQuery } from '../../../shared/devices/device-query.ts';
import { IdentificationCard } from './identification-card.tsx';
import { DisksCard } from './disks-card.tsx';

export function OverviewTab() {
  const { t } = useTranslation('device');
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  const details = useQuery(deviceQuery(useApi(), deviceId)).data;
  if (details === undefined) return null;
  const { inventory } = details;
  if (inventory === null) {
    return (
      <>
        <CardGrid>
          <IdentificationCard device={details.device} />
        </CardGrid>
        <EmptyState
          icon={<IconListDetails size={28} stroke={1.5} />}
          title={t('facts.noneTitle')}
          text={t('facts.noneText')}
        />
      </>
    );
  }
  const { facts } = inventory;
  return (
    <CardGrid>
      <IdentificationCard device={details.device} />
      <SystemCard facts={facts} collectedAt={inventory.collectedAt} />
      <HardwareCard facts={facts} loadAverage={details.products[0]?.activity.loadAverage} />
      <AgentCard details={details} facts={facts} />
      {facts.disks === undefined || facts.disks.length === 0 ? null : (
        <DisksCard disks={facts.disks} disksOmitted={facts.disksOmitted} />
      )}
      {facts.interfaces === undefined || facts.interfaces.length === 0 ? null : (
        <NetworkCard interfaces={facts.interfaces} interfacesOmitted={facts.interfacesOmitted} />
      )}
    </CardGrid>
  );
}

interface FactsCardProps {
  readonly facts: InventoryFacts;
}

interface SystemCardProps extends FactsCardProps {
  readonly collectedAt: string;
}

function SystemCard({ facts, collectedAt }: SystemCardProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const ago = useTicking((nowMs) => format.ago(nowMs, Date.parse(collectedAt)));
  const bootedMs = facts.bootedAt === undefined ? undefined : Date.parse(facts.bootedAt);
  const running = useTicking((nowMs) => (bootedMs === undefined ? '' : format.duration(nowMs - bootedMs)));
  return (
    <Card
      title={t('facts.system')}
      aside={<span title={format.exact(Date.parse(collectedAt))}>{t('facts.collected', { ago })}</span>}
    >
      <Facts>
        <OptionalFact name={t('facts.name')} value={facts.system?.name} />
        <OptionalFact name={t('facts.version')} value={facts.system?.version} />
        <OptionalFact name={t('facts.kernel')} value={facts.system?.kernel} />
        <OptionalFact name={t('facts.architecture')} value={facts.system?.architecture} />
        <OptionalFact name={t('facts.hostName')} value={facts.hostName} />
        <OptionalFact name={t('facts.timeZone')} value={facts.timeZone} />
        {bootedMs === undefined ? null : (
          <Fact name={t('facts.running')}>
            <span title={format.exact(bootedMs)}>{running}</span>
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

interface HardwareCardProps extends FactsCardProps {
  readonly loadAverage: number | undefined;
}

function HardwareCard({ facts, loadAverage }: HardwareCardProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const { hardware, processor, memory } = facts;
  const parts = [hardware?.isVirtual, processor, memory, loadAverage];
  if (parts.every((part) => part === undefined)) return null;
  const usedBytes =
    memory?.availableBytes === undefined ? undefined : Math.max(0, memory.totalBytes - memory.availableBytes);
  return (
    <Card title={t('facts.hardware')}>
      <Facts>
        {hardware?.isVirtual === undefined ? null : (
          <Fact name={t('facts.virtual')}>
            {hardware.container === undefined
              ? hardware.isVirtual
                ? t('facts.isVirtual')
                : t('facts.isPhysical')
              : t('facts.isContainer', { kind: hardware.container })}
          </Fact>
        )}
        {processor === undefined ? null : (
          <Fact name={t('facts.processor')}>
            {processor.model}
            <div className="hf-soft">{t('facts.cores', { count: processor.cores })}</div>
          </Fact>
        )}
        {loadAverage === undefined ? null : <Fact name={t('facts.load')}>{loadAverage.toFixed(2)}</Fact>}
        {memory === undefined ? null : (
          <Fact name={t('facts.memory')}>
            {usedBytes === undefined
              ? format.bytes(memory.totalBytes)
              : t('facts.memoryUsed', {
                  used: format.bytes(usedBytes),
                  total: format.bytes(memory.totalBytes),
                })}
            {usedBytes === undefined ? null : (
              <Meter label={t('facts.memory')} share={usedBytes / Math.max(1, memory.totalBytes)} />
            )}
          </Fact>
        )}
      </Facts>
    </Card>
  );
}

interface AgentCardProps extends FactsCardProps {
  readonly details: DeviceDetails;
}

function AgentCard({ details, facts }: AgentCardProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const activity = details.products[0]?.activity;
  return (
    <Card title={t('facts.agent')}>
      <Facts>
        <OptionalFact name={t('facts.version')} value={facts.agent?.version ?? details.device.agentVersion} />
        <OptionalFact name={t('facts.runtime')} value={facts.agent?.runtime} />
        {facts.agent?.startedAt === undefined ? null : (
          <Fact name={t('facts.agentStarted')}>
            <RelativeTimeLabel at={facts.agent.startedAt} />
          </Fact>
        )}
        {activity?.agentMemoryBytes === undefined ? null : (
          <Fact name={t('facts.agentMemory')}>{format.bytes(activity.agentMemoryBytes)}</Fact>
        )}
        <Fact name={t('connection.registered')}>
          <RelativeTimeLabel at={details.device.registeredAt} />
        </Fact>
      </Facts>
    </Card>
  );
}

interface NetworkCardProps {
  readonly interfaces: NonNullable<InventoryFacts['interfaces']>;
  readonly interfacesOmitted: number | undefined;
}

function NetworkCard({ interfaces, interfacesOmitted = 0 }: NetworkCardProps) {
  const { t } = useTranslation('device');
  return (
    <Card title={t('facts.network')}>
      <Facts>
        {interfaces.map((one) => (
          <Fact key={one.name} name={one.name}>
            {one.addresses.length === 0 ? <span className="hf-soft">{t('facts.noAddress')}</span> : null}
            {one.addresses.map((address) => (
              <div key={address}>
                <CopyValue value={address} what={address} />
              </div>
            ))}
            {one.addressesOmitted === undefined ? null : (
              <div className="hf-soft">{t('facts.addressesOmitted', { count: one.addressesOmitted })}</div>
            )}
            {one.hardwareAddress === undefined ? null : (
              <div className="hf-soft hf-mono" title={t('facts.hardwareAddress')}>
                {one.hardwareAddress}
              </div>
            )}
          </Fact>
        ))}
      </Facts>
      {interfacesOmitted === 0 ? null : (
        <p className="hf-soft">{t('facts.interfacesOmitted', { count: interfacesOmitted })}</p>
      )}
    </Card>
  );
}

interface OptionalFactProps {
  readonly name: string;
  readonly value: string | undefined;
}

function OptionalFact({ name, value }: OptionalFactProps) {
  if (value === undefined || value === '') return null;
  return <Fact name={name}>{value}</Fact>;
}
