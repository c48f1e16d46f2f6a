import { type CommandDefinition, commandCatalogue, type Lane } from '@holdfast/protocol';

/** A command that only tests have: without parameters. */
export function defineTestCommand(type: string, lane: Lane = 'quick'): CommandDefinition {
  return { ...commandCatalogue.collectInventory, type, lane };
}
