import type { InventoryFacts } from '@holdfast/api';

/** What a device reported, as few lines that a person would look for first. */
export type ResultFact =
  | { readonly kind: 'text'; readonly name: ResultName; readonly text: string }
  | { readonly kind: 'bytes'; readonly name: ResultName; readonly bytes: number }
  | { readonly kind: 'duration'; readonly name: ResultName; readonly durationMs: number }
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
  ];
  return facts.filter((fact) => fact !== undefined);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
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
