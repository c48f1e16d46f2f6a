import type { Permission } from '@holdfast/api';
import type shell from '../shared/i18n/en/shell.json';
import type { createIcon } from '../shared/icons/icon.tsx';

/** Texts of the navigation that a breadcrumb may show. */
export type CrumbKey = `nav.${keyof (typeof shell)['nav']}`;

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** What the page is called in the breadcrumb; `device`, `command`, `component` and `webhook` go by the name of their object. */
    readonly crumb?: CrumbKey | 'device' | 'command' | 'component' | 'webhook';
    /** Where the page is offered: in the navigation, with what is done every day or with administration, or to a search alone. */
    readonly place?: 'day' | 'administration' | 'search';
    readonly icon?: ReturnType<typeof createIcon>;
    /** Without it the page would show nothing, so it is not offered; absent means for everyone. */
    readonly permission?: Permission;
    /** In which part of the navigation its parent lies. */
    readonly area?: CrumbKey;
    readonly parent?: {
      readonly to?: '/directory' | '/commands' | '/components' | '/enrolment' | '/administration/webhooks';
      readonly crumb: CrumbKey;
    };
    /** The page is about the group `groupId` of its address, which then stands before it. */
    readonly isOfGroup?: true;
  }
}
