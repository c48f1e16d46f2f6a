/** Texts of the navigation that a breadcrumb may show. */
export type CrumbKey =
  | 'nav.overview'
  | 'nav.directory'
  | 'nav.recycleBin'
  | 'nav.tags'
  | 'nav.groupCommunication'
  | 'nav.commands'
  | 'nav.enrolment'
  | 'nav.waiting'
  | 'nav.auditLog'
  | 'nav.logs'
  | 'nav.administration'
  | 'nav.administrators'
  | 'nav.sessions'
  | 'nav.apiKeys'
  | 'nav.settings'
  | 'nav.server'
  | 'nav.jobs'
  | 'nav.webhooks'
  | 'nav.events';

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    /** What the page is called in the breadcrumb; `device`, `command` and `webhook` go by the name of their object. */
    readonly crumb?: CrumbKey | 'device' | 'command' | 'webhook';
    /** In which part of the navigation its parent lies. */
    readonly area?: CrumbKey;
    readonly parent?: {
      readonly to?: '/directory' | '/commands' | '/enrolment' | '/administration/webhooks';
      readonly crumb: CrumbKey;
    };
    /** The page is about the group `groupId` of its address, which then stands before it. */
    readonly isOfGroup?: true;
  }
}
