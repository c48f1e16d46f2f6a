import { ApiError } from '@holdfast/api';
import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Notice } from '../page/notice.tsx';

export interface ConflictNoticeProps {
  readonly title: string;
  /** What the others changed. */
  readonly children: ReactNode;
  readonly onTakeTheirs: () => void;
  readonly onKeepMine: () => void;
}

/** Somebody else saved while this form was open: whoever fills it in decides which values go on. */
export function ConflictNotice({ title, children, onTakeTheirs, onKeepMine }: ConflictNoticeProps) {
  const { t } = useTranslation('common');
  return (
    <Notice
      tone="attention"
      role="alert"
      action={
        <>
          <Button size="compact-sm" variant="default" onClick={onTakeTheirs}>
            {t('conflict.takeTheirs')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={onKeepMine}>
            {t('conflict.keepMine')}
          </Button>
        </>
      }
    >
      <strong>{title}</strong>
      <p>{children}</p>
    </Notice>
  );
}

/** The server refused because the form began with values that are not the newest. */
export function isRevisionConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409;
}
