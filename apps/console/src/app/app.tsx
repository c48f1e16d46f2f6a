import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import type { i18n } from 'i18next';
import { I18nextProvider } from 'react-i18next';
import { type Services, ServicesContext } from '../shared/api/services.ts';
import { cssVariablesResolver, theme } from '../shared/theme/theme.ts';
import type { ConsoleRouter } from './router.tsx';

export interface AppProps {
  readonly i18n: i18n;
  readonly nonce: string;
  readonly queryClient: QueryClient;
  readonly router: ConsoleRouter;
  readonly services: Services;
}

const colorSchemeManager = localStorageColorSchemeManager({ key: 'holdfast.color-scheme' });

export function App({ i18n, nonce, queryClient, router, services }: AppProps) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      colorSchemeManager={colorSchemeManager}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <I18nextProvider i18n={i18n}>
        <ServicesContext value={services}>
          <QueryClientProvider client={queryClient}>
            <Notifications position="bottom-right" limit={4} containerWidth={420} />
            <RouterProvider router={router} />
          </QueryClientProvider>
        </ServicesContext>
      </I18nextProvider>
    </MantineProvider>
  );
}
