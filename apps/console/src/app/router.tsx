import type { QueryClient } from '@tanstack/react-query';
import { createRouter } from '@tanstack/react-router';
import type { Services } from '../shared/api/services.ts';
import { PageCrash, PageNotFound, PagePending, RouterStart } from './page-states.tsx';
import { routeTree } from './routes.tsx';
import { parseSearchText, writeSearchText } from './search-text.ts';

export interface RouterContext {
  readonly queryClient: QueryClient;
  readonly services: Services;
  /** Of a set-up or invitation link; see link-secret.ts. */
  readonly linkSecret: string | undefined;
}

export function createConsoleRouter(context: RouterContext) {
  return createRouter({
    routeTree,
    context,
    parseSearch: parseSearchText,
    stringifySearch: writeSearchText,
    defaultPreload: 'intent',
    InnerWrap: RouterStart,
    defaultPendingMs: 200,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: ({ error }) => <PageCrash error={error} />,
    defaultNotFoundComponent: () => <PageNotFound />,
    // Each list keeps its own place; the page itself starts at the top.
    scrollRestoration: false,
  });
}

export type ConsoleRouter = ReturnType<typeof createConsoleRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: ConsoleRouter;
  }
}
