/**
 * Every action that the audit log records, with the words that people read. Console and command line print these and
 * keep the action itself for filters and scripts. A device is called a device here, also where a managed product on it
 * is meant: who reads the log looks for the computer.
 */
export const auditActionTexts = {
  'administrator.created': 'First administrator created with the set-up link',
  'administrator.invited': 'Administrator invited',
  'administrator.disabled': 'Administrator disabled',
  'administrator.enabled': 'Administrator enabled',
  'grant.given': 'Role given',
  'grant.taken': 'Role taken away',
  'role.created': 'Role created',
  'role.changed': 'Role changed',
  'role.deleted': 'Role deleted',
  'invitation.accepted': 'Invitation accepted',
  'setup-link.issued': 'Set-up link issued',
  'recovery-link.issued': 'Recovery link issued',
  'password.recovered': 'Password chosen with a recovery link',
  'password.changed': 'Password changed',
  'password.change-failed': 'Password change refused',
  'sign-in.failed': 'Sign-in refused',
  'session.started': 'Signed in',
  'session.ended': 'Signed out',
  'session.revoked': 'Session revoked',
  'api-key.created': 'API key created',
  'api-key.revoked': 'API key revoked',
  'enrolment-token.created': 'Enrolment token created',
  'enrolment-token.revoked': 'Enrolment token revoked',
  'registration.admitted': 'Waiting device admitted',
  'registration.refused': 'Waiting device refused',
  'product.registered': 'Device registered',
  'product.key-shared': 'Two computers with one key',
  'product.disabled': 'Device disabled',
  'product.enabled': 'Device enabled',
  'device.renamed': 'Device renamed',
  'device.fields-set': 'Fields of a device set',
  'device.moved': 'Device moved',
  'device.removed': 'Device moved to the recycle bin',
  'device.restored': 'Device restored from the recycle bin',
  'device.purged': 'Device removed for good',
  'device.tags-changed': 'Tags put on or taken off',
  'note.added': 'Note added',
  'note.changed': 'Note changed',
  'note.removed': 'Note removed',
  'note.restored': 'Note restored',
  'saved-view.created': 'View saved',
  'saved-view.changed': 'Saved view changed',
  'saved-view.removed': 'Saved view removed',
  'tag.created': 'Tag created',
  'tag.changed': 'Tag changed',
  'tag.removed': 'Tag removed from all devices',
  'tag.restored': 'Tag restored',
  'authority.prepared': 'Next authority made',
  'authority.changed': 'Authority changed',
  'group.created': 'Group created',
  'group.renamed': 'Group renamed',
  'group.moved': 'Group moved',
  'group.removed': 'Group moved to the recycle bin',
  'group.restored': 'Group restored from the recycle bin',
  'group.purged': 'Group removed for good',
  'command.issued': 'Command issued',
  'command.cancelled': 'Command cancelled',
  'communication.changed': 'Communication of a group changed',
  'component-source.created': 'Source of components added',
  'component-source.changed': 'Source of components changed',
  'component-source.key-made': 'Key for a source of components made',
  'component-source.removed': 'Source of components removed',
  'component-repository.trusted': 'Root of components trusted',
  'component-plan.created': 'Deployment plan created',
  'component-plan.changed': 'Deployment plan changed',
  'component-plan.removed': 'Deployment plan removed',
  'component-deployment.changed': 'Deployment of a component changed',
  'component-rollout.resumed': 'Rollout resumed',
  'component-rollout.completed': 'Rollout completed by hand',
  'component-rates.changed': 'Rates of components changed',
  'component-schedule.changed': 'Schedule of downloads changed',
  'component-download.requested': 'Download of components asked for',
  'settings.changed': 'Settings changed',
  'job.requested': 'Job run by hand',
  'job.cancelled': 'Job cancelled',
  'job.retried': 'Job tried again',
  'job.removed': 'Dead job removed',
  'job-schedule.paused': 'Schedule paused',
  'job-schedule.resumed': 'Schedule resumed',
  'webhook.created': 'Webhook created',
  'webhook.changed': 'Webhook changed',
  'webhook.secret-rotated': 'Secret of a webhook changed',
  'webhook.repeated': 'Message of a webhook delivered again',
  'webhook.paused': 'Webhook paused',
  'webhook.resumed': 'Webhook resumed',
  'webhook.disabled': 'Webhook disabled by the server',
  'webhook.removed': 'Webhook removed',
  'audit-log.changed': 'Audit log changed behind the server',
  'backup.created': 'Backup created',
  'backup.restored': 'Server restored from a backup',
} as const;

/** What was done, past tense, as it is stored. */
export type AuditAction = keyof typeof auditActionTexts;

/** All actions in the order of the table, for filters. */
export const auditActions = Object.keys(auditActionTexts) as readonly AuditAction[];

/** What an action was about, as people read it. */
export const auditObjectTexts = {
  administrator: 'Administrator',
  'api-key': 'API key',
  'audit-log': 'Audit log',
  authority: 'Authority',
  backup: 'Backup',
  command: 'Command',
  component: 'Component',
  'component-download': 'Download of components',
  'component-plan': 'Deployment plan',
  'component-repository': 'Repository of components',
  'component-rates': 'Rates of components',
  'component-schedule': 'Schedule of downloads',
  'component-source': 'Source of components',
  device: 'Device',
  'enrolment-token': 'Enrolment token',
  group: 'Group',
  job: 'Job',
  'job-schedule': 'Schedule',
  'one-time-link': 'One-time link',
  product: 'Device',
  registration: 'Waiting device',
  role: 'Role',
  'saved-view': 'Saved view',
  session: 'Session',
  setting: 'Setting',
  tag: 'Tag',
  webhook: 'Webhook',
} as const;

/** What kind of thing an entry of the audit log is about. */
export type AuditObjectKind = keyof typeof auditObjectTexts;

/**
 * The words for an action: "API key revoked" for `api-key.revoked`. An action that this version does not know, because
 * a newer server recorded it, is spelled out: "Thing removed" for `thing.removed`.
 */
export function auditActionText(action: string): string {
  return findText(auditActionTexts, action);
}

/** The words for an object kind: "API key" for `api-key`. A kind that this version does not know is spelled out. */
export function auditObjectText(objectKind: string): string {
  return findText(auditObjectTexts, objectKind);
}

function findText(texts: Readonly<Record<string, string>>, value: string): string {
  // Only own entries: `constructor` is no action.
  if (Object.hasOwn(texts, value)) return texts[value] ?? '';
  const words = value.replaceAll(/[.-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
