import { printableTextPattern } from '@holdfast/kernel';
import type { TSchema } from 'typebox';

/** One place at which a value does not fit its schema. */
export type SchemaFault = {
  /** Names and places in lists, from the outside in. */
  readonly path: readonly string[];
} & (
  | { readonly kind: 'missing' | 'unknown' }
  /** `expected` completes "it must be …". */
  | { readonly kind: 'unfit'; readonly expected: string }
);

/** What a check of TypeBox says of a value that does not fit. */
export interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: object;
}

type Members = Readonly<Record<string, unknown>>;

/** Says the same in words for people, once for each place. */
export function findSchemaFaults(schema: TSchema, errors: Iterable<SchemaError>): SchemaFault[] {
  const faults = new Map<string, SchemaFault>();
  const add = (fault: SchemaFault): void => {
    const place = fault.path.join('/');
    if (!faults.has(place)) faults.set(place, fault);
  };
  for (const { keyword, instancePath, params } of errors) {
    const path = splitPath(instancePath);
    if (keyword === 'boolean') add({ path, kind: 'unknown' });
    else if (keyword === 'required' && 'requiredProperties' in params) {
      for (const name of params.requiredProperties as readonly string[])
        add({ path: [...path, name], kind: 'missing' });
    } else if (keyword !== 'additionalProperties' && !(keyword === 'anyOf' && isSaidBelow(path, faults))) {
      // What is not known has been said of its own place, and a choice by what is wrong with one of its branches.
      add({ path, kind: 'unfit', expected: describeSchema(findSchema(schema, path) ?? {}) });
    }
  }
  return [...faults.values()];
}

/**
 * What a value of this schema is, in words that complete a sentence: `one of error, warn, info, debug`, `a whole number from 1 to
 * 1,440`, `text of at most 500 characters`.
 */
export function describeSchema(schema: TSchema): string {
  const { type, const: only, enum: values, anyOf } = schema as Members;
  if (only !== undefined) return typeof only === 'string' ? only : JSON.stringify(only);
  if (Array.isArray(values)) return `one of ${values.join(', ')}`;
  if (Array.isArray(anyOf)) return describeChoice(anyOf as readonly Members[]);
  switch (type) {
    case 'integer':
      return `a whole number${describeBounds(schema, 'minimum', 'maximum')}`;
    case 'number':
      return `a number${describeBounds(schema, 'minimum', 'maximum')}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return describeText(schema);
    case 'array':
      return `a list${describeSize(schema, 'Items', 'items')}${(schema as Members)['uniqueItems'] === true ? ', none of them twice' : ''}`;
    case 'object':
      return `an object${describeSize(schema, 'Properties', 'members')}`;
    case 'null':
      return 'null';
    default:
      return 'of the expected form';
  }
}

function describeChoice(branches: readonly Members[]): string {
  if (branches.length > 1 && branches.every((branch) => branch['const'] !== undefined))
    return `one of ${branches.map((branch) => String(branch['const'])).join(', ')}`;
  return [...new Set(branches.map(describeSchema))].join(' or ');
}

function describeText(schema: TSchema): string {
  const { pattern, description } = schema as Members;
  const text = `text${describeSize(schema, 'Length', 'characters')}`;
  if (pattern === undefined) return text;
  if (pattern === printableTextPattern) {
    return `${text} with at least one visible character, no control characters and nothing that turns the direction of writing`;
  }
  return `text of the expected form${typeof description === 'string' ? ` (${description})` : ''}`;
}

/** " of 1 to 5 items", or nothing. */
function describeSize(schema: TSchema, keyword: string, unit: string): string {
  const bounds = describeBounds(schema, `min${keyword}`, `max${keyword}`);
  return bounds === '' ? '' : `${bounds.replace(' from ', ' of ')} ${unit}`;
}

/** " from 1 to 5", " of at least 1", " of at most 5", or nothing. */
function describeBounds(schema: TSchema, least: string, most: string): string {
  const { [least]: from, [most]: to } = schema as Members;
  const hasLeast = typeof from === 'number' && from > Number.MIN_SAFE_INTEGER;
  const hasMost = typeof to === 'number' && to < Number.MAX_SAFE_INTEGER;
  if (hasLeast && hasMost) return ` from ${from.toLocaleString('en')} to ${to.toLocaleString('en')}`;
  if (hasLeast) return ` of at least ${from.toLocaleString('en')}`;
  return hasMost ? ` of at most ${to.toLocaleString('en')}` : '';
}

/** The schema of what stands at a place; of a choice, that of the first branch that knows the place. */
function findSchema(schema: TSchema, [step, ...rest]: readonly string[]): TSchema | undefined {
  if (step === undefined) return schema;
  const { anyOf, properties, patternProperties, items } = schema as Members;
  if (Array.isArray(anyOf)) {
    for (const branch of anyOf as readonly TSchema[]) {
      const found = findSchema(branch, [step, ...rest]);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const own = isObject(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
  const further = isObject(patternProperties) ? Object.values(patternProperties)[0] : items;
  const inside = own ?? further;
  return isObject(inside) ? findSchema(inside, rest) : undefined;
}

function isSaidBelow(path: readonly string[], faults: ReadonlyMap<string, SchemaFault>): boolean {
  return [...faults.values()].some((fault) => path.every((step, place) => fault.path[place] === step));
}

function splitPath(instancePath: string): string[] {
  return instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
