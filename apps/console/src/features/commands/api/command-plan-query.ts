import { type ApiClient, type DeviceFilter, planCommand } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

export type CommandTargets = { readonly deviceIds: string[] } | { readonly filter: DeviceFilter };

/** For how many of these devices a command of the type would be, and which of them are in idle hours until when. */
export function commandPlanQuery(api: ApiClient, targets: CommandTargets, type: string) {
  return queryOptions({
    queryKey: ['command-plan', targets, type],
    queryFn: ({ signal }) => api.call(planCommand, { body: { targets, type }, signal }),
    staleTime: 30_000,
  });
}
