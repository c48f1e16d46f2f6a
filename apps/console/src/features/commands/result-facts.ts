import type { InventoryFacts } from '@holdfast/api';
import { unitMs } from '../../shared/time/duration.ts';

export const checkStates = ['ok', 'warning', 'failed'] as const;
export type CheckState = (typeof checkStates)[number];

/** One thing that a health check has looked at. */
export interface ResultCheck {
  readonly name: string;
  /** Undefined: the device says something that this console does not know. */
  readonly state: CheckState | undefined;
  readonly text: string;
}

/** The checks of a health check, the worst first; empty for every other result. */
export function resultChecksOf(result: Readonly<Record<string, unknown>>): readonly ResultCheck[] {
  const { checks } = result;
  if (!Array.isArray(checks)) return [];
  const found = checks.flatMap((item): ResultCheck[] => {
    const check = recordOf(item);
    const name = check?.['name'];
    if (typeof name !== 'string') return [];
    const said = check?.['text'];
    return [
      {
        name,
        state: checkStates.find((state) => state === check?.['state']),
        text: typeof said === 'string' ? said : '',
      },
    ];
  });
  const rank = ({ state }: ResultCheck): number => (state === undefined ? -1 : checkStates.indexOf(state));
  return found.toSorted((first, second) => rank(second) - rank(first));
}

/** Somebody who was signed in when a message came. */
export interface ReachedUser {
  readonly name: string;
  /** How it was shown there; empty: it could not be shown. */
  readonly ways: readonly string[];
}

/** What a device reported, as few lines that a person would look for first. */
export type ResultFact =
  | { readonly kind: 'text'; readonly name: ResultName; readonly text: string }
  | { readonly kind: 'number'; readonly name: ResultName; readonly value: number }
  | { readonly kind: 'bytes'; readonly name: ResultName; readonly bytes: number }
  | { readonly kind: 'duration'; readonly name: ResultName; readonly durationMs: number }
  | { readonly kind: 'reached'; readonly name: ResultName; readonly users: readonly ReachedUser[] }
  | { readonly kind: 'changed'; readonly name: ResultName; readonly isChanged: boolean }
  | { readonly kind: 'instant'; readonly name: ResultName; readonly at: string }
  | {
      readonly kind: 'disk';
      readonly name: ResultName;
      readonly disk: string;
      readonly sizeBytes: number;
      readonly encryption: NonNullable<InventoryFacts['disks']>[number]['encryption'];
    };

export const resultNames = [
  'changed',
  'collectedAt',
  'durationMs',
  'system',
  'kernel',
  'processor',
  'memory',
  'disks',
  'addresses',
  'agent',
  'version',
  'transport',
  'logEntries',
  'from',
  'to',
  'forMinutes',
  'users',
  'goesDownAt',
] as const;
export type ResultName = (typeof resultNames)[number];

/**
 * Key facts of a result. Results come from devices and have no fixed form, so everything is looked at before it
 * is used, and what does not fit is left to the list of all values.
 */
export function resultFactsOf(result: Readonly<Record<string, unknown>>): readonly ResultFact[] {
  const inventory = recordOf(result['facts']) ?? recordOf(result['inventory']) ?? result;
  const system = recordOf(inventory['system']);
  const processor = recordOf(inventory['processor']);
  const memory = recordOf(inventory['memory']);
  const agent = recordOf(inventory['agent']);
  const facts: (ResultFact | undefined)[] = [
    typeof result['changed'] === 'boolean'
      ? { kind: 'changed', name: 'changed', isChanged: result['changed'] }
      : undefined,
    instant('collectedAt', result['collectedAt']),
    typeof result['durationMs'] === 'number'
      ? { kind: 'duration', name: 'durationMs', durationMs: result['durationMs'] }
      : undefined,
    text('system', system?.['name']),
    text('kernel', system?.['kernel']),
    text('processor', processor?.['model']),
    typeof memory?.['totalBytes'] === 'number'
      ? { kind: 'bytes', name: 'memory', bytes: memory['totalBytes'] }
      : undefined,
    ...disksOf(inventory['disks']),
    text('addresses', addressesOf(inventory['interfaces'])),
    text('agent', agent?.['version']),
    text('version', result['version']),
    text('transport', result['transport']),
    typeof result['logEntries'] === 'number'
      ? { kind: 'number', name: 'logEntries', value: result['logEntries'] }
      : undefined,
    text('from', result['from']),
    text('to', result['to']),
    typeof result['forMinutes'] === 'number'
      ? { kind: 'duration', name: 'forMinutes', durationMs: result['forMinutes'] * unitMs.minute }
      : undefined,
    Array.isArray(result['users'])
      ? { kind: 'reached', name: 'users', users: result['users'].flatMap(userOf) }
      : undefined,
    typeof result['goesDownAt'] === 'number' && Math.abs(result['goesDownAt']) <= maxInstantMs
      ? { kind: 'instant', name: 'goesDownAt', at: new Date(result['goesDownAt']).toISOString() }
      : undefined,
  ];
  return facts.filter((fact) => fact !== undefined);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Beyond this there are no dates. */
const maxInstantMs = 8.64e15;

function userOf(value: unknown): readonly ReachedUser[] {
  const { name, ways } = recordOf(value) ?? {};
  if (typeof name !== 'string') return [];
  return [{ name, ways: Array.isArray(ways) ? ways.filter((way) => typeof way === 'string') : [] }];
}

function text(name: ResultName, value: unknown): ResultFact | undefined {
  return typeof value === 'string' && value !== '' ? { kind: 'text', name, text: value } : undefined;
}

function instant(name: ResultName, value: unknown): ResultFact | undefined {
  return typeof value === 'string' && Number.isFinite(Date.parse(value))
    ? { kind: 'instant', name, at: value }
    : undefined;
}

const encryptions = ['encrypted', 'not-encrypted', 'partly-encrypted', 'unknown'] as const;

function disksOf(value: unknown): readonly ResultFact[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item): ResultFact[] => {
    const disk = recordOf(item);
    const name = disk?.['name'];
    const sizeBytes = disk?.['sizeBytes'];
    if (typeof name !== 'string' || typeof sizeBytes !== 'number') return [];
    const encryption = encryptions.find((candidate) => candidate === disk?.['encryption']) ?? 'unknown';
    return [{ kind: 'disk', name: 'disks', disk: name, sizeBytes, encryption }];
  });
}

function addressesOf(value: unknown): string {
  if (!Array.isArray(value)) return '';
  return value
    .flatMap((item): unknown[] => {
      const addresses = recordOf(item)?.['addresses'];
      return Array.isArray(addresses) ? addresses : [];
    })
    .filter((address) => typeof address === 'string')
    .join(', ');
}
