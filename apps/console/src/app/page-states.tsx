import { Button } from '@mantine/core';
import { IconBug, IconMapPinOff, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { EmptyState, LoadingState } from '../shared/page/states.tsx';
import classes from './page-states.module.css';
import { isChunkMissing } from './chunk-missing.ts';

/** While the code of a page is on its way. */
export function PagePending() {
  return (
    <div className={classes.pending}>
      <LoadingState />
    </div>
  );
}

export function PageNotFound() {
  const { t } = useTranslation('common');
  return (
    <EmptyState
      icon={<IconMapPinOff size={28} stroke={1.5} />}
      isPage
      title={t('state.notFoundTitle')}
      text={t('state.notFoundText')}
    />
  );
}

export interface PageCrashProps {
  readonly error: unknown;
}

/** A bug, or a console that was replaced by a newer one while it was open. */
export function PageCrash({ error }: PageCrashProps) {
  const { t } = useTranslation('common');
  const isOutdated = isChunkMissing(error);
  return (
    <div role="alert">
      <EmptyState
        icon={isOutdated ? <IconRefresh size={28} stroke={1.5} /> : <IconBug size={28} stroke={1.5} />}
        isPage
        title={isOutdated ? t('state.newVersion') : t('state.crashedTitle')}
        text={isOutdated ? undefined : t('state.crashedText')}
        action={
          <Button variant="default" onClick={() => window.location.reload()}>
            {t('action.reload')}
          </Button>
        }
      />
    </div>
  );
}
