import { ApiError } from '@holdfast/api';
import { createRoute, type ErrorComponentProps, redirect } from '@tanstack/react-router';
import {
  IconBookmark,
  IconClockPlay,
  IconDeviceDesktop,
  IconFileText,
  IconHistory,
  IconKey,
  IconDownload,
  IconLayoutDashboard,
  IconPackage,
  IconPlugConnected,
  IconRecycle,
  IconServer,
  IconSettings,
  IconStairs,
  IconTags,
  IconTerminal2,
  IconTimelineEvent,
  IconUserShield,
  IconUsers,
  IconWebhook,
} from '../shared/icons/icons.ts';
import { sessionQuery } from '../shared/session/session-query.ts';
import { parseAuditSearch } from '../features/audit/audit-search.ts';
import { parseCommandsSearch, parseCommandSearch } from '../features/commands/commands-search.ts';
import { parseJobsSearch } from '../features/jobs/jobs-search.ts';
import { parseLogsSearch } from '../features/logs/logs-search.ts';
import { parseDirectorySearch } from '../features/directory/directory-search.ts';
import { PageNotFound, TabCrash, TabPending } from './page-states.tsx';
import { latePage } from './late-page.ts';
import { rootRoute, standalone } from './root-route.tsx';
import { Shell } from './shell/shell.tsx';
import { signInRoutes } from './sign-in-routes.ts';

/** Parts of a page, whose heading stays. */
const tab = {
  pendingComponent: TabPending,
  errorComponent: ({ error }: ErrorComponentProps) => <TabCrash error={error} />,
} as const;

/** Everything behind sign-in. */
const consoleRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'console',
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(sessionQuery(context.services.api));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
      }
      throw error;
    }
  },
  component: Shell,
  ...standalone,
});

const overviewRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/',
  staticData: {
    place: 'day',
    icon: IconLayoutDashboard,
    permission: 'directory:read',
    crumb: 'nav.overview',
  },
  component: latePage(() => import('../features/directory/overview-page.tsx'), 'OverviewPage'),
});

const directoryRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/directory',
  validateSearch: parseDirectorySearch,
  staticData: { place: 'day', icon: IconDeviceDesktop, permission: 'directory:read', crumb: 'nav.directory' },
  component: latePage(() => import('../features/directory/directory-page.tsx'), 'DirectoryPage'),
});

const groupCommunicationRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/groups/$groupId/communication',
  staticData: {
    crumb: 'nav.groupCommunication',
    parent: { to: '/directory', crumb: 'nav.directory' },
    isOfGroup: true,
  },
  component: latePage(
    () => import('../features/communication/group-communication-page.tsx'),
    'GroupCommunicationPage',
  ),
});

const recycleBinRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/directory/recycle-bin',
  staticData: {
    place: 'search',
    icon: IconRecycle,
    permission: 'directory:read',
    crumb: 'nav.recycleBin',
    parent: { to: '/directory', crumb: 'nav.directory' },
  },
  component: latePage(() => import('../features/directory/recycle-bin-page.tsx'), 'RecycleBinPage'),
});

const tagsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/directory/tags',
  staticData: {
    place: 'search',
    icon: IconTags,
    permission: 'directory:read',
    crumb: 'nav.tags',
    parent: { to: '/directory', crumb: 'nav.directory' },
  },
  component: latePage(() => import('../features/tags/tags-page.tsx'), 'TagsPage'),
});

const viewsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/directory/views',
  staticData: {
    place: 'search',
    icon: IconBookmark,
    permission: 'directory:read',
    crumb: 'nav.views',
    parent: { to: '/directory', crumb: 'nav.directory' },
  },
  component: latePage(() => import('../features/directory/views-page.tsx'), 'ViewsPage'),
});

const deviceRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/devices/$deviceId',
  staticData: { crumb: 'device', parent: { to: '/directory', crumb: 'nav.directory' } },
  component: latePage(() => import('../features/directory/device-page.tsx'), 'DevicePage'),
});

const deviceOverviewRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/',
  component: latePage(() => import('../features/directory/device/overview-tab.tsx'), 'OverviewTab'),
});

const deviceConnectionRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/connection',
  component: latePage(() => import('../features/directory/device/connection-tab.tsx'), 'ConnectionTab'),
});

const deviceComponentsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/components',
  component: latePage(() => import('./pages/device-tabs.tsx'), 'DeviceComponentsTab'),
});

const deviceNotesRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/notes',
  component: latePage(() => import('./pages/device-tabs.tsx'), 'DeviceNotesTab'),
});

const deviceCommandsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/commands',
  component: latePage(() => import('./pages/device-tabs.tsx'), 'DeviceCommandsTab'),
});

const deviceLogsRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/logs',
  component: latePage(() => import('./pages/device-tabs.tsx'), 'DeviceLogsTab'),
});

const deviceAuditRoute = createRoute({
  getParentRoute: () => deviceRoute,
  ...tab,
  path: '/audit',
  component: latePage(() => import('./pages/device-tabs.tsx'), 'DeviceAuditTab'),
});

const commandsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/commands',
  validateSearch: parseCommandsSearch,
  staticData: { place: 'day', icon: IconTerminal2, permission: 'commands:read', crumb: 'nav.commands' },
  component: latePage(() => import('../features/commands/commands-page.tsx'), 'CommandsPage'),
});

const commandRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/commands/$commandId',
  validateSearch: parseCommandSearch,
  staticData: { crumb: 'command', parent: { to: '/commands', crumb: 'nav.commands' } },
  component: latePage(() => import('../features/commands/command-page.tsx'), 'CommandPage'),
});

const componentsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/components',
  staticData: { place: 'day', icon: IconPackage, permission: 'components:read', crumb: 'nav.components' },
  component: latePage(() => import('../features/components/components-page.tsx'), 'ComponentsPage'),
});

const componentRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/components/id/$componentId',
  staticData: { crumb: 'component', parent: { to: '/components', crumb: 'nav.components' } },
  component: latePage(() => import('../features/components/component-page.tsx'), 'ComponentPage'),
});

const plansRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/components/plans',
  staticData: {
    place: 'search',
    icon: IconStairs,
    permission: 'components:read',
    crumb: 'nav.plans',
    parent: { to: '/components', crumb: 'nav.components' },
  },
  component: latePage(() => import('../features/components/plans-page.tsx'), 'PlansPage'),
});

const downloadsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/components/downloads',
  staticData: {
    place: 'search',
    icon: IconDownload,
    permission: 'components:read',
    crumb: 'nav.downloads',
    parent: { to: '/components', crumb: 'nav.components' },
  },
  component: latePage(() => import('../features/components/downloads-page.tsx'), 'DownloadsPage'),
});

const enrolmentRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/enrolment',
  staticData: {
    place: 'day',
    icon: IconPlugConnected,
    permission: 'enrolment-tokens:read',
    crumb: 'nav.enrolment',
  },
  component: latePage(() => import('../features/enrolment/tokens-page.tsx'), 'TokensPage'),
});

const waitingRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/enrolment/waiting',
  staticData: { crumb: 'nav.waiting', parent: { to: '/enrolment', crumb: 'nav.enrolment' } },
  component: latePage(() => import('../features/enrolment/waiting-page.tsx'), 'WaitingPage'),
});

const logsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/logs',
  validateSearch: parseLogsSearch,
  staticData: { place: 'day', icon: IconFileText, permission: 'logs:read', crumb: 'nav.logs' },
  component: latePage(() => import('../features/logs/logs-page.tsx'), 'LogsPage'),
});

const auditRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/audit-log',
  validateSearch: parseAuditSearch,
  staticData: { place: 'day', icon: IconHistory, permission: 'audit:read', crumb: 'nav.auditLog' },
  component: latePage(() => import('../features/audit/audit-page.tsx'), 'AuditPage'),
});

const administratorsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/administrators',
  staticData: {
    place: 'administration',
    icon: IconUsers,
    permission: 'administrators:read',
    crumb: 'nav.administrators',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/access/administrators-page.tsx'), 'AdministratorsPage'),
});

const sessionsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/sessions',
  validateSearch: (search: Record<string, unknown>): { everyone?: 'yes' } =>
    search['everyone'] === 'yes' ? { everyone: 'yes' } : {},
  staticData: {
    place: 'administration',
    icon: IconUserShield,
    crumb: 'nav.sessions',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/access/sessions-page.tsx'), 'SessionsPage'),
});

const apiKeysRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/api-keys',
  staticData: {
    place: 'administration',
    icon: IconKey,
    permission: 'administrators:read',
    crumb: 'nav.apiKeys',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/access/api-keys-page.tsx'), 'ApiKeysPage'),
});

const webhooksRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/webhooks',
  staticData: {
    place: 'administration',
    icon: IconWebhook,
    permission: 'settings:read',
    crumb: 'nav.webhooks',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/webhooks/webhooks-page.tsx'), 'WebhooksPage'),
});

const webhookRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/webhooks/$webhookId',
  staticData: {
    crumb: 'webhook',
    area: 'nav.administration',
    parent: { to: '/administration/webhooks', crumb: 'nav.webhooks' },
  },
  component: latePage(() => import('../features/webhooks/webhook-page.tsx'), 'WebhookPage'),
});

const eventsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/events',
  staticData: {
    place: 'administration',
    icon: IconTimelineEvent,
    permission: 'settings:read',
    crumb: 'nav.events',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/events/subscribers-page.tsx'), 'SubscribersPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/settings',
  staticData: {
    place: 'administration',
    icon: IconSettings,
    permission: 'settings:read',
    crumb: 'nav.settings',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
});

const serverRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/server',
  staticData: {
    place: 'administration',
    icon: IconServer,
    permission: 'system:read',
    crumb: 'nav.server',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/settings/server-page.tsx'), 'ServerPage'),
});

const jobsRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '/administration/jobs',
  validateSearch: parseJobsSearch,
  staticData: {
    place: 'administration',
    icon: IconClockPlay,
    permission: 'system:read',
    crumb: 'nav.jobs',
    parent: { crumb: 'nav.administration' },
  },
  component: latePage(() => import('../features/jobs/jobs-page.tsx'), 'JobsPage'),
});

/** Every other address, inside the shell, so that the way on is in sight. */
const nowhereRoute = createRoute({
  getParentRoute: () => consoleRoute,
  path: '$',
  component: PageNotFound,
});

export const routeTree = rootRoute.addChildren([
  ...signInRoutes,
  consoleRoute.addChildren([
    overviewRoute,
    directoryRoute,
    groupCommunicationRoute,
    recycleBinRoute,
    tagsRoute,
    viewsRoute,
    deviceRoute.addChildren([
      deviceOverviewRoute,
      deviceConnectionRoute,
      deviceComponentsRoute,
      deviceNotesRoute,
      deviceCommandsRoute,
      deviceLogsRoute,
      deviceAuditRoute,
    ]),
    commandsRoute,
    commandRoute,
    componentsRoute,
    componentRoute,
    plansRoute,
    downloadsRoute,
    enrolmentRoute,
    waitingRoute,
    logsRoute,
    auditRoute,
    administratorsRoute,
    sessionsRoute,
    apiKeysRoute,
    webhooksRoute,
    webhookRoute,
    eventsRoute,
    settingsRoute,
    serverRoute,
    jobsRoute,
    nowhereRoute,
  ]),
]);
