import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorDetails, ErrorTitle } from './error-text.tsx';
import classes from './notice.module.css';

export interface Notify {
  /** Quiet, goes away by itself; with `undo` where undoing is possible, which may have a name of its own. */
  readonly success: (message: string, undo?: (() => void) | NamedUndo) => void;
  /** Stays until it is read. */
  readonly error: (error: unknown) => void;
}

export interface NamedUndo {
  readonly text: string;
  readonly act: () => void;
}

const quietMs = 5_000;
const undoMs = 12_000;

export function useNotify(): Notify {
  const { t } = useTranslation('common');
  return useMemo(
    () => ({
      success: (message, undo) => {
        const id = notifications.show({
          autoClose: undo === undefined ? quietMs : undoMs,
          withBorder: true,
          color: 'sea',
          className: classes.success ?? '',
          closeButtonProps: { 'aria-label': t('action.close') },
          message:
            undo === undefined ? (
              message
            ) : (
              <span className={classes.withUndo}>
                <span>{message}</span>
                <Button
                  variant="light"
                  size="compact-sm"
                  onClick={() => {
                    notifications.hide(id);
                    if (typeof undo === 'function') undo();
                    else undo.act();
                  }}
                >
                  {typeof undo === 'function' ? t('action.undo') : undo.text}
                </Button>
              </span>
            ),
        });
      },
      error: (error) => {
        notifications.show({
          autoClose: false,
          withBorder: true,
          color: 'red',
          role: 'alert',
          closeButtonProps: { 'aria-label': t('error.dismiss') },
          title: <ErrorTitle error={error} />,
          message: <ErrorDetails error={error} />,
        });
      },
    }),
    [t],
  );
}
