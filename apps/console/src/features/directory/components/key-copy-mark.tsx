import type { DeviceSummary } from '@holdfast/api';
import { IconKey } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import classes from './twin-mark.module.css';

export interface KeyCopyMarkProps {
  readonly device: DeviceSummary;
}

/** Says in a list that another computer uses the key of this device; the device page says what to do about it. */
export function KeyCopyMark({ device }: KeyCopyMarkProps) {
  const { t } = useTranslation('directory');
  const [copy] = device.keyCopies;
  if (copy === undefined) return null;
  const text = t('keyCopy.mark', { name: copy.name, address: copy.address });
  return (
    <span className={classes.mark} role="img" aria-label={text} title={text}>
      <IconKey size={15} stroke={1.75} aria-hidden="true" />
    </span>
  );
}
