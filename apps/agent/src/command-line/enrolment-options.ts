import { toTerminalText } from '@holdfast/kernel';
import { createInventoryCollector } from '../modules/inventory/index.ts';
import type { EnrolmentOptions } from '../modules/registration/index.ts';
import type { StateDatabase } from '../platform/state-database.ts';
import type { StateFolder } from '../platform/state-folder.ts';
import { createWait } from '../platform/timers.ts';
import { builtInCommandTypes, readProductFacts } from '../product-facts.ts';
import { agentVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';

/** What an enrolment needs to know of this computer, whichever command begins it. */
export async function createEnrolmentOptions(
  { platform, clock, random, signal, output }: CommandContext,
  folder: StateFolder,
  database: StateDatabase,
): Promise<EnrolmentOptions> {
  const collector = createInventoryCollector({ platform, clock, agent: { version: agentVersion } });
  return {
    database,
    privateKeyPath: folder.privateKeyPath,
    facts: readProductFacts(
      await collector.findHardwareId(),
      builtInCommandTypes,
      await collector.findInstallationId?.(),
    ),
    clock,
    random,
    wait: createWait(signal),
    onProgress: (message) => output.message(`${toTerminalText(message)}\n`),
  };
}
