import type { Permission } from '@holdfast/api';
import {
  IconClockPlay,
  IconDeviceDesktop,
  IconFileText,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconPlugConnected,
  IconServer,
  IconSettings,
  IconTerminal2,
  IconTimelineEvent,
  IconUserShield,
  IconUsers,
  IconWebhook,
} from '../../shared/icons/icons.ts';
import type { CrumbKey } from '../crumb.ts';

export type PagePath =
  | '/'
  | '/directory'
  | '/commands'
  | '/enrolment'
  | '/logs'
  | '/audit-log'
  | '/administration/administrators'
  | '/administration/sessions'
  | '/administration/api-keys'
  | '/administration/webhooks'
  | '/administration/events'
  | '/administration/settings'
  | '/administration/server'
  | '/administration/jobs';

export interface NavigationItem {
  readonly to: PagePath;
  readonly text: CrumbKey;
  readonly icon: typeof IconKey;
  /** Without it the page would show nothing, so it is not offered; absent means for everyone. */
  readonly permission?: Permission;
  /** Other places that belong to it. */
  readonly alsoUnder?: readonly string[];
}

/** In the order of a day. */
export const mainItems: readonly NavigationItem[] = [
  { to: '/', text: 'nav.overview', icon: IconLayoutDashboard, permission: 'directory:read' },
  {
    to: '/directory',
    text: 'nav.directory',
    icon: IconDeviceDesktop,
    permission: 'directory:read',
    alsoUnder: ['/devices/'],
  },
  { to: '/commands', text: 'nav.commands', icon: IconTerminal2, permission: 'commands:read' },
  { to: '/enrolment', text: 'nav.enrolment', icon: IconPlugConnected, permission: 'enrolment-tokens:read' },
  { to: '/logs', text: 'nav.logs', icon: IconFileText, permission: 'logs:read' },
  { to: '/audit-log', text: 'nav.auditLog', icon: IconHistory, permission: 'audit:read' },
];

export const administrationItems: readonly NavigationItem[] = [
  {
    to: '/administration/administrators',
    text: 'nav.administrators',
    icon: IconUsers,
    permission: 'administrators:read',
  },
  { to: '/administration/sessions', text: 'nav.sessions', icon: IconUserShield },
  { to: '/administration/api-keys', text: 'nav.apiKeys', icon: IconKey, permission: 'administrators:read' },
  {
    to: '/administration/webhooks',
    text: 'nav.webhooks',
    icon: IconWebhook,
    permission: 'settings:read',
    alsoUnder: ['/administration/webhooks/'],
  },
  { to: '/administration/events', text: 'nav.events', icon: IconTimelineEvent, permission: 'settings:read' },
  { to: '/administration/settings', text: 'nav.settings', icon: IconSettings, permission: 'settings:read' },
  { to: '/administration/server', text: 'nav.server', icon: IconServer, permission: 'system:read' },
  { to: '/administration/jobs', text: 'nav.jobs', icon: IconClockPlay, permission: 'system:read' },
];
