import { IconPlugConnectedX } from '../icons/icons.ts';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../page/states.tsx';
import { lateParts } from './late-parts.ts';

export interface ServerAwayProps {
  readonly isPage: boolean;
  /** Called when the server answers again, and then every few seconds while this is shown; absent where what is waited for comes by itself. */
  readonly onBack?: () => void;
}

const retryMs = 3_000;

/** In the place of what the server has to send first. */
export function ServerAway({ isPage, onBack }: ServerAwayProps) {
  const { t } = useTranslation('common');
  useEffect(() => {
    if (onBack === undefined) return undefined;
    let isGone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    // What is asked for again may fail again; then this is still here.
    const tryAgain = async (): Promise<void> => {
      await lateParts.waitForServer();
      if (isGone) return;
      onBack();
      timer = setTimeout(() => void tryAgain(), retryMs);
    };
    void tryAgain();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, [onBack]);
  return (
    <div role="status">
      <EmptyState
        icon={<IconPlugConnectedX size={28} stroke={1.5} />}
        isPage={isPage}
        title={t('state.serverAwayTitle')}
        text={t('state.serverAwayText')}
      />
    </div>
  );
}
