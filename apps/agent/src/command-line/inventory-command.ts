import { createInventoryCollector } from '../modules/inventory/index.ts';
import { agentVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';

/** `inventory`: the facts that the agent would send, so that everybody can see what leaves the computer. */
export async function runInventory({ clock, output, platform }: CommandContext): Promise<void> {
  const collector = createInventoryCollector({
    platform,
    clock,
    agent: { version: agentVersion, runtime: `Node ${process.versions.node}` },
  });
  output.data(formatJson(await collector.collect()));
}
