import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../shared/api/services.ts';
import { useLiveEvents } from '../../shared/live/use-live-events.ts';
import { commandIssuersQuery } from './api/command-issuers-query.ts';

/** Names of those who have issued commands, following the server. */
export function useCommandIssuers(): readonly string[] {
  const queryClient = useQueryClient();
  const options = commandIssuersQuery(useApi());
  const names = useQuery(options).data;
  useLiveEvents((events) => {
    const isNew = events.some(
      (event) => event.type === 'command' && names?.includes(event.command.issuedBy) === false,
    );
    if (isNew) void queryClient.invalidateQueries({ queryKey: options.queryKey });
  });
  return names ?? [];
}
