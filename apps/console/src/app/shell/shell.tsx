import { useDisclosure, useLocalStorage, useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useChildMatches, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../shared/api/services.ts';
import { SidePanel } from '../../shared/dialogs/side-panel.tsx';
import { SessionContext } from '../../shared/session/session-context.ts';
import { sessionQuery } from '../../shared/session/session-query.ts';
import { PagePending, StandalonePending } from '../page-states.tsx';
import { DialogHost } from './dialog-host.tsx';
import { Navigation } from './navigation.tsx';
import { SessionExpired } from './session-expired.tsx';
import classes from './shell.module.css';
import { TopBar } from './top-bar.tsx';
import { useServerEvents } from './use-server-events.ts';
import { Shortcuts } from './shortcuts.tsx';

export function Shell() {
  const { t } = useTranslation('shell');
  const { api, live, guard } = useServices();
  const session = useQuery(sessionQuery(api)).data;
  const isExpired = useSyncExternalStore(guard.subscribe, guard.isExpired);
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [isCollapsed, setCollapsed] = useLocalStorage({
    key: 'holdfast.navigation-collapsed',
    defaultValue: false,
  });
  const [isDrawerOpen, drawer] = useDisclosure(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const closeDrawer = drawer.close;
  // Who is signed in may be known before it is known which page comes.
  const hasPage = useChildMatches({ select: (matches) => matches.length > 0 });

  useEffect(() => {
    if (isExpired) live.stop();
    else live.start();
    return () => live.stop();
  }, [live, isExpired]);
  useServerEvents();
  useEffect(() => closeDrawer(), [closeDrawer, pathname]);
  useFocusOnNavigation(pathname);

  if (session === undefined) return <StandalonePending />;
  return (
    <SessionContext value={session}>
      <DialogHost>
        <a className={classes.skip} href="#content">
          {t('skip')}
        </a>
        <div className={classes.shell} data-collapsed={(isCollapsed && !isNarrow) || undefined}>
          {isNarrow ? (
            <SidePanel
              title={t('nav.label')}
              isOpen={isDrawerOpen}
              side="left"
              size={264}
              onClose={drawer.close}
              isBare
            >
              <Navigation isCollapsed={false} onToggle={undefined} />
            </SidePanel>
          ) : (
            <div className={classes.side}>
              <Navigation isCollapsed={isCollapsed} onToggle={() => setCollapsed((value) => !value)} />
            </div>
          )}
          <div className={classes.main}>
            <TopBar onOpenNavigation={isNarrow ? drawer.open : undefined} />
            <main className={classes.content} id="content" tabIndex={-1}>
              <Suspense fallback={<PagePending />}>{hasPage ? <Outlet /> : <PagePending />}</Suspense>
            </main>
          </div>
        </div>
        <Shortcuts />
        {isExpired ? <SessionExpired name={session.name} /> : null}
      </DialogHost>
    </SessionContext>
  );
}

/** A new page is announced by moving the focus to its heading; the first one is not, nor a change of filters. */
function useFocusOnNavigation(pathname: string): void {
  const previous = useRef(pathname);
  const status = useRouterState({ select: (state) => state.status });
  useEffect(() => {
    if (status !== 'idle' || previous.current === pathname) return;
    // Tabs of one device are one page.
    const isSamePage =
      deviceOf(previous.current) !== undefined && deviceOf(previous.current) === deviceOf(pathname);
    previous.current = pathname;
    if (isSamePage) return;
    const heading = document.getElementById('page-title') ?? document.getElementById('content');
    heading?.focus({ preventScroll: true });
  }, [pathname, status]);
}

function deviceOf(pathname: string): string | undefined {
  return /^\/devices\/([^/]+)/.exec(pathname)?.[1];
}
