import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { deviceQuery } from '../../../shared/devices/device-query.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { EncryptionLabel } from '../../../shared/page/encryption-label.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import classes from './target-result.module.css';

export interface CollectedInventoryProps {
  readonly deviceId: string;
}

/** An inventory travels apart from the answer to the command, and is kept with the device. */
export function CollectedInventory({ deviceId }: CollectedInventoryProps) {
  const { t } = useTranslation('commands');
  const format = useFormat();
  const inventory = useQuery(deviceQuery(useApi(), deviceId)).data?.inventory;
  if (inventory === undefined || inventory === null) return null;
  const { system, processor, memory, disks = [], interfaces = [], agent } = inventory.facts;
  const texts = [
    ['system', system?.name],
    ['kernel', system?.kernel],
    ['processor', processor?.model],
    ['memory', memory === undefined ? undefined : format.bytes(memory.totalBytes)],
    ['addresses', interfaces.flatMap(({ addresses }) => addresses).join(', ')],
    ['agent', agent?.version],
  ] as const;
  return (
    <section aria-label={t('inventory.title')}>
      <Facts>
        <Fact name={t('inventory.collectedAt')}>
          <RelativeTimeLabel at={inventory.collectedAt} />
        </Fact>
        {texts.map(([name, text]) =>
          text === undefined || text === '' ? null : (
            <Fact key={name} name={t(`inventory.${name}`)}>
              {text}
            </Fact>
          ),
        )}
        {disks.map((disk, index) => (
          <Fact key={index} name={t('inventory.disks')}>
            <span className={classes.disk}>
              {disk.name}, {format.bytes(disk.sizeBytes)}
              <EncryptionLabel state={disk.encryption} />
            </span>
          </Fact>
        ))}
      </Facts>
    </section>
  );
}
