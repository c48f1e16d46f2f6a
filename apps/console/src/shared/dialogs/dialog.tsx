import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './dialog.module.css';

export interface DialogProps {
  readonly title: string;
  readonly size?: 'sm' | 'md' | 'lg';
  readonly onClose: () => void;
  /** For what is shown once or must be answered: neither Escape nor a click beside it closes the dialog. */
  readonly isSticky?: boolean;
  readonly isAboveAll?: boolean;
  readonly children: ReactNode;
}

/** A window that waits for an answer. */
export function Dialog({
  title,
  size = 'md',
  onClose,
  isSticky = false,
  isAboveAll = false,
  children,
}: DialogProps) {
  const { t } = useTranslation('common');
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={size}
      padding={20}
      closeOnEscape={!isSticky}
      closeOnClickOutside={!isSticky}
      {...(isAboveAll ? { zIndex: 1000 } : {})}
    >
      <Modal.Overlay backgroundOpacity={isAboveAll ? 0.6 : 0.4} />
      <Modal.Content>
        <div className={classes.head}>
          <Modal.Title className={classes.title ?? ''}>{title}</Modal.Title>
          {isSticky ? null : <Modal.CloseButton aria-label={t('action.close')} />}
        </div>
        <Modal.Body pt={0}>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
