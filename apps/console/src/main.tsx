import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './shared/theme/global.css';
import { createApiClient, type CurrentSession } from '@holdfast/api';
import { systemClock } from '@holdfast/kernel';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { createI18n } from './app/i18n.ts';
import { takeLinkSecret } from './app/link-secret.ts';
import { createConsoleRouter } from './app/router.tsx';
import { browserTransport } from './shared/api/browser-transport.ts';
import { createConsoleQueryClient } from './shared/api/query-client.ts';
import type { Services } from './shared/api/services.ts';
import { createLiveConnection } from './shared/live/live-connection.ts';
import { guardTransport } from './shared/session/guarded-transport.ts';
import { createSessionGuard } from './shared/session/session-guard.ts';
import { sessionKey } from './shared/session/session-query.ts';
import { createTicker } from './shared/time/ticker.ts';

declare global {
  /** Where the scroll lock of dialogs looks for the nonce of the styles that it adds. */
  var __webpack_nonce__: string | undefined;
}

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
globalThis.__webpack_nonce__ = nonce;

// First of all, before anything could look at the address: one-time secrets do not stay in it.
const linkSecret = takeLinkSecret(window.location, window.history);

const guard = createSessionGuard();
const queryClient = createConsoleQueryClient();
const currentSession = (): CurrentSession | undefined => queryClient.getQueryData<CurrentSession>(sessionKey);
const transport = guardTransport(browserTransport, () => currentSession() !== undefined, guard.expire);
const api = createApiClient(transport, () => {
  const token = currentSession()?.csrfToken;
  return token === undefined || token === null ? {} : { 'x-csrf-token': token };
});
const live = createLiveConnection({ now: systemClock.now, random: Math.random });
const services: Services = { api, live, guard, ticker: createTicker(systemClock) };
const router = createConsoleRouter({ queryClient, services, linkSecret });

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');
createRoot(root).render(
  <StrictMode>
    <App i18n={createI18n()} nonce={nonce} queryClient={queryClient} router={router} services={services} />
  </StrictMode>,
);
