import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs that the command line starts; it never imports them. */
const sources = {
  server: '../../../server/src/main.ts',
  agent: '../../../agent/src/main.ts',
  'setup-link': '../../../server/src/processes/setup-link.main.ts',
  'recovery-link': '../../../server/src/processes/recovery-link.main.ts',
  backup: '../../../server/src/processes/backup.main.ts',
  authority: '../../../server/src/processes/authority.main.ts',
  restore: '../../../server/src/processes/restore.main.ts',
} as const;

export type EntryName = keyof typeof sources;

/** The runtime's debugger cannot be opened from outside, not even before the program has begun. */
const runtimeFlags = ['--disable-sigusr1'];

/** The agent idles, so it is interpreted: less memory. Its source needs more of the runtime than that allows. */
const agentBundleFlags = ['--jitless', '--max-semi-space-size=1'];

/** Lists that are polled fill new space: of its usual size three parts grew to 200 MiB, which nothing ever gave back. */
const serverFlags = ['--max-semi-space-size=8'];

/** Arguments of the runtime that start a program: its bundle if this is one itself, else its source. */
export function entryArguments(name: EntryName): string[] {
  if (name === 'agent') {
    const bundle = pathOf('../../../agent/dist/agent.mjs');
    if (existsSync(bundle)) return [...runtimeFlags, ...agentBundleFlags, bundle];
  }
  const isBundle = import.meta.filename.endsWith('.mjs');
  const hasBundle = isBundle && name !== 'agent';
  const flags = name === 'server' ? [...runtimeFlags, ...serverFlags] : runtimeFlags;
  return [...flags, hasBundle ? join(import.meta.dirname, `${name}.mjs`) : pathOf(sources[name])];
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
