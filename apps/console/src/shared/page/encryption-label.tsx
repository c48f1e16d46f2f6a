import type { diskEncryptionStates } from '@holdfast/api';
import { IconLock, IconLockOpen, IconQuestionMark } from '../icons/icons.ts';
import { useTranslation } from 'react-i18next';
import classes from './encryption-label.module.css';

export type EncryptionState = (typeof diskEncryptionStates)[number];

export interface EncryptionLabelProps {
  readonly state: EncryptionState;
}

export function EncryptionLabel({ state }: EncryptionLabelProps) {
  const { t } = useTranslation('common');
  const Icon = state === 'encrypted' ? IconLock : state === 'unknown' ? IconQuestionMark : IconLockOpen;
  return (
    <span className={classes.label} data-state={state}>
      <Icon size={15} stroke={1.75} aria-hidden="true" />
      {t(`encryption.${state}`)}
    </span>
  );
}
