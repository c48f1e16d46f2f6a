import type { Command, ComponentState } from '@holdfast/protocol';

/** What a product is at while it carries out a command of this type, one after the other. */
export function stepsOf(type: string): readonly string[] {
  switch (type) {
    case 'collect-inventory':
      return [
        'Reading the system',
        'Reading the list of disks',
        'Asking for the state of encryption',
        'Sending the facts',
      ];
    case 'update-now':
      return ['Looking for updates', 'Fetching', 'Trying', 'Switching'];
    case 'run-health-check':
      return ['Looking at the state on disk', 'Comparing clocks', 'Trying the way to the server'];
    case 'upload-logs':
    case 'synchronise-now':
      return ['Sending log entries', 'Comparing the inventory'];
    default:
      return ['Working'];
  }
}

/** What a success of a command reports. */
export function resultOf(
  { type, parameters, id }: Command,
  found: {
    readonly inventory: { readonly digest: string; readonly changed: boolean } | undefined;
    readonly components: readonly ComponentState[] | undefined;
    readonly nowMs: number;
  },
): Record<string, unknown> {
  switch (type) {
    case 'collect-inventory':
      return { digest: found.inventory?.digest, changed: found.inventory?.changed };
    case 'synchronise-now':
      return { inventory: 'unchanged', logEntries: 12 };
    case 'upload-logs':
      return { logEntries: 37 };
    case 'run-health-check':
      // Every other one is well: an id is as good as a coin.
      return Number.parseInt(id.slice(-1), 16) % 2 === 0 ? wellResult : illResult;
    case 'update-now':
      return {
        components: (found.components ?? []).map(({ component, release }) => ({
          component,
          state: 'up-to-date',
          release,
        })),
      };
    case 'set-log-level':
      return { from: 'info', to: parameters['level'], ...pickMinutes(parameters) };
    case 'handshake-again':
      return { transport: 'udp-acknowledged' };
    case 'restart-agent':
      return { version: '0.1.0' };
    case 'show-message':
      return {
        users: [
          { name: 'ada', ways: ['desktop', 'terminal'] },
          { name: 'grace', ways: [] },
        ],
      };
    default:
      return { goesDownAt: Math.floor(found.nowMs) + 60_000 };
  }
}

function pickMinutes({ forMinutes }: Readonly<Record<string, unknown>>): object {
  return forMinutes === undefined ? {} : { forMinutes };
}

const wellResult = {
  overall: 'ok',
  checks: [
    { name: 'clock', state: 'ok', text: 'The clock agrees with that of the server.' },
    { name: 'disk-space', state: 'ok', text: 'The volume of the state folder has 212 GiB left.' },
    { name: 'transport', state: 'ok', text: 'Heartbeats travel by UDP, acknowledged, as chosen.' },
  ],
};
const illResult = {
  overall: 'failed',
  checks: [
    { name: 'clock', state: 'ok', text: 'The clock agrees with that of the server.' },
    { name: 'disk-space', state: 'warning', text: 'The volume of the state folder has 1.4 GiB left.' },
    { name: 'outbox', state: 'ok', text: 'Reports that wait for the server: 0, 0 % of the outbox.' },
    { name: 'transport', state: 'ok', text: 'Heartbeats travel by UDP, acknowledged, as chosen.' },
    { name: 'database', state: 'failed', text: 'The state file is damaged. Restore it from a backup.' },
  ],
};
