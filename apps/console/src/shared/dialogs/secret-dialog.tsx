import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyValue } from '../page/copy-value.tsx';
import { Dialog } from './dialog.tsx';
import classes from './form-dialog.module.css';

export interface SecretDialogProps {
  readonly title: string;
  readonly text: ReactNode;
  readonly value: string;
  /** What it is, for the button's name. */
  readonly what: string;
  readonly onClose: () => void;
}

/** Something that is shown once. A stray click or Escape does not close it. */
export function SecretDialog({ title, text, value, what, onClose }: SecretDialogProps) {
  const { t } = useTranslation('common');
  return (
    <Dialog title={title} size="lg" onClose={onClose} isSticky>
      <div className={classes.form}>
        <div>{text}</div>
        <CopyValue value={value} what={what} isBlock />
        <div className={classes.actions}>
          <Button onClick={onClose}>{t('action.done')}</Button>
        </div>
      </div>
    </Dialog>
  );
}
