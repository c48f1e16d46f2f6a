import { startComponentDownload } from '@holdfast/api';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { componentsKey } from './api/component-key.ts';
import { componentDownloadsQuery } from './api/component-queries.ts';

export interface StartDownload {
  readonly start: () => void;
  readonly isAsking: boolean;
  /** One waits or runs already. */
  readonly isUnderWay: boolean;
}

/** Downloading what is new: the history shows how it goes, so there is nothing to say about it. */
export function useStartDownload(): StartDownload {
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const downloads = useQuery(componentDownloadsQuery(api)).data ?? [];
  const start = async (): Promise<void> => {
    setAsking(true);
    try {
      await api.call(startComponentDownload, {});
      await queryClient.invalidateQueries({ queryKey: componentsKey });
    } catch (error) {
      notify.error(error);
    } finally {
      setAsking(false);
    }
  };
  return {
    start: () => void start(),
    isAsking,
    // One that waits after a failure can be waited for; one that runs is the answer anyway.
    isUnderWay: downloads.some(({ endedAt }) => endedAt === null),
  };
}
