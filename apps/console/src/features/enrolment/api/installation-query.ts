import { type ApiClient, getAgentInstallation } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** What the server serves for installing agents. The first answer takes seconds when an archive has to be made. */
export function installationQuery(api: ApiClient) {
  return queryOptions({
    queryKey: ['agent-installation'],
    queryFn: ({ signal }) => api.call(getAgentInstallation, { signal }),
    staleTime: 60_000,
  });
}
