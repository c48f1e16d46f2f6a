import type access from './en/access.json';
import type audit from './en/audit.json';
import commands from './en/commands.json';
import common from './en/common.json';
import type communication from './en/communication.json';
import type components from './en/components.json';
import device from './en/device.json';
import directory from './en/directory.json';
import type enrolment from './en/enrolment.json';
import errors from './en/errors.json';
import type jobs from './en/jobs.json';
import type logs from './en/logs.json';
import type notes from './en/notes.json';
import type settings from './en/settings.json';
import shell from './en/shell.json';
import tags from './en/tags.json';
import type webhooks from './en/webhooks.json';

export const defaultLanguage = 'en';

/** The texts of the console that come with it, by area. Another language is another folder of the same files. */
export const resources = {
  commands,
  common,
  device,
  directory,
  errors,
  shell,
  tags,
};

interface LateTexts {
  access: typeof access;
  audit: typeof audit;
  communication: typeof communication;
  components: typeof components;
  enrolment: typeof enrolment;
  jobs: typeof jobs;
  logs: typeof logs;
  notes: typeof notes;
  settings: typeof settings;
  webhooks: typeof webhooks;
}

/** Texts of pages that few people open: fetched with the first of these pages. */
export const lateTexts: {
  readonly [Area in keyof LateTexts]: () => Promise<{ readonly default: LateTexts[Area] }>;
} = {
  access: () => import('./en/access.json'),
  audit: () => import('./en/audit.json'),
  communication: () => import('./en/communication.json'),
  components: () => import('./en/components.json'),
  enrolment: () => import('./en/enrolment.json'),
  jobs: () => import('./en/jobs.json'),
  logs: () => import('./en/logs.json'),
  notes: () => import('./en/notes.json'),
  settings: () => import('./en/settings.json'),
  webhooks: () => import('./en/webhooks.json'),
};

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof resources & LateTexts;
    returnNull: false;
  }
}
