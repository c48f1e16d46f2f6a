import { createRouter } from '@tanstack/react-router';
import { PageCrash, PageNotFound, PagePending, RouterStart } from './page-states.tsx';
import type { RouterContext } from './root-route.tsx';
import { routeTree } from './routes.tsx';
import { parseSearchText, writeSearchText } from './search-text.ts';

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
