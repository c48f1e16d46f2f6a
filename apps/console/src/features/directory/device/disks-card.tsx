import type { InventoryFacts } from '@holdfast/api';
import { IconDeviceFloppy, IconDeviceUsb } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card } from '../../../shared/page/card.tsx';
import { EncryptionLabel } from '../../../shared/page/encryption-label.tsx';
import { Meter } from '../../../shared/page/meter.tsx';
import classes from './disks-card.module.css';
import { type Volume, volumeUseOf } from './volume-use.ts';

type Disk = NonNullable<InventoryFacts['disks']>[number];

export interface DisksCardProps {
  readonly disks: readonly Disk[];
  readonly disksOmitted: number | undefined;
}

/** Each disk with its encryption, and what lies on it. */
export function DisksCard({ disks, disksOmitted = 0 }: DisksCardProps) {
  const { t } = useTranslation('device');
  return (
    <Card title={t('facts.disks')} isWide>
      <ul className={classes.disks}>
        {disks.map((disk) => (
          <DiskItem key={disk.name} disk={disk} />
        ))}
      </ul>
      {disksOmitted === 0 ? null : (
        <p className={classes.cut}>{t('facts.disksOmitted', { count: disksOmitted })}</p>
      )}
    </Card>
  );
}

interface DiskItemProps {
  readonly disk: Disk;
}

function DiskItem({ disk }: DiskItemProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const { volumes = [], volumesListedBefore = 0, volumesOmitted = 0 } = disk;
  const Icon = disk.isRemovable === true ? IconDeviceUsb : IconDeviceFloppy;
  return (
    <li>
      <div className={classes.disk}>
        <Icon size={18} stroke={1.5} aria-hidden="true" />
        <strong>{disk.name}</strong>
        <span className="hf-soft">
          {[
            disk.model,
            format.bytes(disk.sizeBytes),
            disk.isRemovable === true ? t('facts.removable') : undefined,
            disk.exemption === undefined ? undefined : t(`facts.exemption.${disk.exemption}`),
          ]
            .filter((part) => part !== undefined && part !== '')
            .join(' · ')}
        </span>
        <span className={classes.encryption}>
          <EncryptionLabel state={disk.encryption} />
          {disk.encryptionMethod === undefined ? null : (
            <span className="hf-soft">{disk.encryptionMethod}</span>
          )}
        </span>
      </div>
      {volumes.length === 0 ? null : (
        <ul className={classes.volumes}>
          {volumes.map((volume) => (
            <VolumeItem key={volume.name} volume={volume} />
          ))}
        </ul>
      )}
      {volumesListedBefore === 0 ? null : (
        <p className={classes.cut}>{t('facts.volumesListedBefore', { count: volumesListedBefore })}</p>
      )}
      {volumesOmitted === 0 ? null : (
        <p className={classes.cut}>{t('facts.volumesOmitted', { count: volumesOmitted })}</p>
      )}
    </li>
  );
}

interface VolumeItemProps {
  readonly volume: Volume;
}

function VolumeItem({ volume }: VolumeItemProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const use = volumeUseOf(volume);
  const place = volume.mountPoint === undefined || volume.mountPoint === '' ? volume.name : volume.mountPoint;
  return (
    <li className={classes.volume}>
      <span className={classes.place} title={volume.name}>
        {place}
      </span>
      <span className="hf-soft">{volume.fileSystem ?? ''}</span>
      <span className={classes.use}>
        {use === undefined ? (
          volume.sizeBytes === undefined ? null : (
            format.bytes(volume.sizeBytes)
          )
        ) : (
          <>
            <Meter label={t('facts.use')} share={use.usedShare} />
            <span className="hf-soft">
              {t('facts.volumeUsed', {
                used: format.bytes(use.usedBytes),
                size: format.bytes(use.sizeBytes),
                free: format.bytes(use.freeBytes),
              })}
            </span>
          </>
        )}
      </span>
      <EncryptionLabel state={volume.encryption} />
    </li>
  );
}
