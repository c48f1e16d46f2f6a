/**
 * Keeps the components of this computer up to date: fetches what signed metadata promise, tries it, puts it in place in one step and goes
 * back where it is of no use. Promises that after any end of the process a component is the old or the new one, that one which fails keeps
 * no other from being updated, and that the network chooses neither a path nor a program of this computer. Does not decide what is
 * published, nor when groups get it.
 */
export { readComponentRecords } from './component-record.store.ts';
export { type ComponentSources, createComponentSources } from './component-sources.ts';
export { describeStates } from './component-states.ts';
export { createProgramFolder, type ProgramFolder } from './handlers/program-folder.ts';
export { createServerSource } from './server-source.ts';
export { readUpdateCheck, type UpdateCheck } from './update-check.ts';
