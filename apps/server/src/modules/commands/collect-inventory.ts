import { Type } from 'typebox';
import type { CommandTypeDefinition } from './command-types.ts';

/** Have the product send the facts of its device anew. */
export const collectInventory: CommandTypeDefinition = {
  type: 'collect-inventory',
  title: 'Collect inventory',
  description: 'The device reports its facts anew: system, hardware, disks and their encryption, addresses.',
  parametersSchema: Type.Object({}, { additionalProperties: false }),
  isDangerous: false,
  defaultExpiryMs: 86_400_000,
};
