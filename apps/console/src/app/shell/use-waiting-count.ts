import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../shared/api/services.ts';
import { usePermission } from '../../shared/session/session-context.ts';
import { waitingQuery } from '../../shared/waiting/waiting-query.ts';

/** Products that wait for approval; zero for those who may not see them. */
export function useWaitingCount(): number {
  const isAllowed = usePermission('directory:read');
  const waiting = useQuery({ ...waitingQuery(useApi()), enabled: isAllowed });
  return waiting.data?.length ?? 0;
}
