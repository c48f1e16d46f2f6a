import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Programs that the command line starts; it never imports them. */
const entries = {
  server: ['../../../server/dist/server.mjs', '../../../server/src/main.ts'],
  agent: ['../../../agent/dist/agent.mjs', '../../../agent/src/main.ts'],
  setupLink: ['../../../server/src/setup-link.main.ts'],
  recoveryLink: ['../../../server/src/recovery-link.main.ts'],
  backup: ['../../../server/src/backup.main.ts'],
  authority: ['../../../server/src/authority.main.ts'],
  restore: ['../../../server/src/restore.main.ts'],
} as const;

export type EntryName = keyof typeof entries;

/** Path of a program: its bundle where one was built, else its source. */
export function entryPath(name: EntryName): string {
  const paths = entries[name].map((relative) => fileURLToPath(new URL(relative, import.meta.url)));
  return paths.find((path) => existsSync(path)) ?? (paths.at(-1) as string);
}

/** The runtime's debugger cannot be opened from outside, not even before the program has begun. */
const runtimeFlags = ['--disable-sigusr1'];

/** The agent idles, so it is interpreted: less memory. Its source needs more of the runtime than that allows. */
const agentBundleFlags = ['--jitless', '--max-semi-space-size=1'];

/** Arguments of the runtime that start a program. */
export function entryArguments(name: EntryName): string[] {
  const path = entryPath(name);
  const isAgentBundle = name === 'agent' && path.endsWith('.mjs');
  return [...runtimeFlags, ...(isAgentBundle ? agentBundleFlags : []), path];
}
