import access from './en/access.json';
import audit from './en/audit.json';
import commands from './en/commands.json';
import common from './en/common.json';
import communication from './en/communication.json';
import device from './en/device.json';
import directory from './en/directory.json';
import enrolment from './en/enrolment.json';
import errors from './en/errors.json';
import jobs from './en/jobs.json';
import logs from './en/logs.json';
import notes from './en/notes.json';
import settings from './en/settings.json';
import shell from './en/shell.json';
import tags from './en/tags.json';
import webhooks from './en/webhooks.json';

export const defaultLanguage = 'en';

/** Every text of the console, by area. Another language is another folder of the same files. */
export const resources = {
  access,
  audit,
  commands,
  common,
  communication,
  device,
  directory,
  enrolment,
  errors,
  jobs,
  logs,
  notes,
  settings,
  shell,
  tags,
  webhooks,
};

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: typeof resources;
    returnNull: false;
  }
}
