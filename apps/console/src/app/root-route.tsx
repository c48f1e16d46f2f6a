import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, Outlet } from '@tanstack/react-router';
import type { Services } from '../shared/api/services.ts';
import { NoServer } from './pages/no-server.tsx';
import { StandalonePending } from './page-states.tsx';

export interface RouterContext {
  readonly queryClient: QueryClient;
  readonly services: Services;
  /** Of a set-up or invitation link; see link-secret.ts. */
  readonly linkSecret: string | undefined;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  pendingComponent: StandalonePending,
  errorComponent: NoServer,
});

/** Pages without the shell have to bring the frame of their states themselves. */
export const standalone = { pendingComponent: StandalonePending, errorComponent: NoServer } as const;
