import { type ApiClient, type DeviceFilter, planCommand } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export type CommandTargets = { readonly deviceIds: string[] } | { readonly filter: DeviceFilter };

/** How many of these devices are in idle hours, and until when. */
export function commandPlanQuery(api: ApiClient, targets: CommandTargets) {
  return queryOptions({
    queryKey: ['command-plan', targets],
    queryFn: ({ signal }) => api.call(planCommand, { body: { targets }, signal }),
    staleTime: 30_000,
  });
}
