import { Button } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../dialogs/dialog.tsx';
import classes from '../dialogs/form-dialog.module.css';

/** Asks before leaving a page whose changes are not saved; the browser asks before the window closes. */
export function useLeaveWarning(isUnsaved: boolean): ReactNode {
  const { t } = useTranslation('common');
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isUnsaved && current.pathname !== next.pathname,
    enableBeforeUnload: isUnsaved,
    withResolver: true,
  });
  if (blocker.status !== 'blocked') return null;
  return (
    <Dialog title={t('unsaved.title')} size="sm" onClose={blocker.reset}>
      <div className={classes.form}>
        <p>{t('unsaved.text')}</p>
        <div className={classes.actions}>
          <Button variant="default" onClick={blocker.proceed}>
            {t('unsaved.leave')}
          </Button>
          <Button data-autofocus onClick={blocker.reset}>
            {t('unsaved.stay')}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
