import { cancelCommand } from '@holdfast/api';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { commandQuery } from './api/command-query.ts';
import { targetsKey } from './api/command-targets-query.ts';
import { cancelledText } from './cancelled-text.ts';

/** Cancels a command that has just gone out, without another question, and says what came of it. */
export function useCallOff(): (commandId: string) => void {
  const { t } = useTranslation('commands');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  return (commandId) => {
    api
      .call(cancelCommand, { params: { commandId } })
      .then(async (cancelled) => {
        queryClient.setQueryData(commandQuery(api, commandId).queryKey, cancelled);
        await queryClient.invalidateQueries({ queryKey: [targetsKey, commandId] });
        notify.success(cancelledText(t, cancelled));
      })
      .catch(notify.error);
  };
}
