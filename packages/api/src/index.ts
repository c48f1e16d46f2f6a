/**
 * The HTTP contract between the server and everything that administers it: console, command line, integrators.
 * Each route is one value with its schemas and its access; the server registers it, the client calls it, the
 * OpenAPI document is made from it. Promises nothing about behaviour: that stands in the server's modules.
 * The messages between the server's process and the one that started it stand here as well, because both ends know this
 * package. The protocol of managed products is not here but in `@holdfast/protocol`.
 */
export * from './access.ts';
export * from './administration.ts';
export * from './audit-actions.ts';
export * from './client.ts';
export * from './command-fields.ts';
export * from './command-result.ts';
export * from './commands.ts';
export * from './communication.ts';
export * from './component-deployment.ts';
export * from './component-rates.ts';
export * from './component-schedule.ts';
export * from './components.ts';
export * from './change-plan.ts';
export * from './device-changes.ts';
export * from './device-fields.ts';
export * from './device-tags.ts';
export * from './devices.ts';
export * from './grants.ts';
export * from './group-settings.ts';
export * from './groups.ts';
export * from './inventory.ts';
export * from './jobs.ts';
export * from './logs.ts';
export * from './notes.ts';
export * from './presence.ts';
export * from './recycle-bin.ts';
export * from './enrolment.ts';
export * from './events.ts';
export * from './install-line.ts';
export * from './installation.ts';
export * from './permissions.ts';
export * from './problem.ts';
export * from './server-choice.ts';
export * from './process-messages.ts';
export * from './route.ts';
export * from './saved-views.ts';
export * from './scalars.ts';
export * from './schedule.ts';
export * from './schedule-words.ts';
export * from './tags.ts';
export * from './webhooks.ts';
