import { createRoute } from '@tanstack/react-router';
import { latePage } from './late-page.ts';
import { nextAddressOf } from './next-address.ts';
import { rootRoute, standalone } from './root-route.tsx';

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  ...standalone,
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = nextAddressOf(search['next']);
    return next === '/' ? {} : { next };
  },
  component: latePage(() => import('./pages/sign-in-route.tsx'), 'SignInRoute'),
});

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  ...standalone,
  component: latePage(() => import('./pages/setup-route.tsx'), 'SetupRoute'),
});

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  ...standalone,
  component: latePage(() => import('./pages/setup-route.tsx'), 'InvitationRoute'),
});

const recoveryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/recovery',
  ...standalone,
  component: latePage(() => import('./pages/setup-route.tsx'), 'RecoveryRoute'),
});

/** Pages for those who are not signed in. */
export const signInRoutes = [signInRoute, setupRoute, invitationRoute, recoveryRoute] as const;
