import type { CurrentSession } from '@holdfast/api';
import type { QueryClient } from '@tanstack/react-query';
import type { Services } from '../shared/api/services.ts';
import { sessionKey } from '../shared/session/session-query.ts';

/** Takes over a new session. Nothing that another account saw stays in memory. */
export function enterSession(queryClient: QueryClient, services: Services, session: CurrentSession): void {
  const previous = queryClient.getQueryData<CurrentSession>(sessionKey);
  if (previous === undefined || previous.id !== session.id) queryClient.clear();
  queryClient.setQueryData(sessionKey, session);
  services.guard.restore();
}

/** Forgets everything that the session could see. */
export function leaveSession(queryClient: QueryClient, services: Services): void {
  services.live.stop();
  services.guard.restore();
  queryClient.clear();
}
