import { findSchemaFaults, type SchemaFault } from '@holdfast/protocol';
import type { TSchema } from 'typebox';
import { compiledSchema } from './compiled-schema.ts';
import { HttpError, type RefusedField } from './http.errors.ts';
import { isStorableText } from './json-body.ts';

/** The parts of a request that a schema describes. */
export type RequestPart = 'body' | 'query' | 'params';

const MAX_FIELDS = 20;

/**
 * Makes the check for one part of a request. Nothing is added, removed or turned into another type, except that
 * the text of a query or path becomes an integer or a boolean where the schema says so and the text is exactly one, and a
 * list of one where the schema says list.
 *
 * @throws HttpError REQUEST_INVALID, from the returned function
 */
export function compileRequestPart(schema: TSchema, part: RequestPart): (value: unknown) => unknown {
  const convert = part === 'body' ? (value: unknown): unknown => value : createTextConverter(schema, part);
  return (value) => {
    const converted = convert(value);
    const compiled = compiledSchema(schema);
    if (compiled.Check(converted)) return converted;
    const faults =
      part === 'body' && isLarge(value) ? [] : findSchemaFaults(schema, compiled.Errors(converted));
    const fields = faults.slice(0, MAX_FIELDS).map((fault) => describeField(fault, part));
    throw new HttpError('REQUEST_INVALID', `The ${WORDS[part]} of the request ${summarise(fields)}.`, {
      fields,
    });
  };
}

const WORDS: Readonly<Record<RequestPart, string>> = { body: 'body', query: 'query', params: 'path' };
const INTEGER = /^-?(?:0|[1-9]\d{0,15})$/;

function createTextConverter(schema: TSchema, part: RequestPart): (value: unknown) => unknown {
  const properties = 'properties' in schema ? (schema.properties as Record<string, { type?: unknown }>) : {};
  return (value) => {
    const converted: Record<string, unknown> = {};
    for (const [name, text] of Object.entries(value as Record<string, unknown>)) {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      // A parameter given twice arrives as a list; where one is expected, which was meant is not for the server to guess.
      if (Array.isArray(text) && type !== 'array') {
        throw new HttpError('REQUEST_INVALID', 'The query of the request names a parameter twice.', {
          fields: [{ path: `query.${name.slice(0, 64)}`, message: 'is given more than once' }],
        });
      }
      if ([text].flat().some((part) => typeof part === 'string' && !isStorableText(part))) {
        throw new HttpError('REQUEST_INVALID', `The ${WORDS[part]} of the request holds a NUL.`, {
          fields: [{ path: `${part}.${name.slice(0, 64)}`, message: 'must be plain text' }],
        });
      }
      Object.defineProperty(converted, name, {
        value: typeof text === 'string' ? convertText(text, type) : text,
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return converted;
  };
}

function convertText(text: string, type: unknown): unknown {
  if (type === 'integer' && INTEGER.test(text)) return Number(text);
  if (type === 'array') return [text];
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function describeField(fault: SchemaFault, part: RequestPart): RefusedField {
  const inside = fault.path.slice(0, 8).map((step) => step.slice(0, 64));
  return { path: [part, ...inside].join('.'), message: describeFault(fault) };
}

function describeFault(fault: SchemaFault): string {
  switch (fault.kind) {
    case 'missing':
      return 'is missing';
    case 'unknown':
      return 'is not known here';
    case 'unfit':
      return `must be ${fault.expected}`;
  }
}

function summarise(fields: readonly RefusedField[]): string {
  const [first] = fields;
  if (first === undefined) return 'does not have the expected form';
  const rest = fields.length > 1 ? ` (and ${fields.length - 1} more)` : '';
  return `does not have the expected form: ${first.path} ${first.message}${rest}`;
}

// Naming every fault in a large body takes long: its sender gets the summary only.
function isLarge(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const budget = { left: 2_000 };
  return exceeds(value, budget);
}

function exceeds(value: object, budget: { left: number }): boolean {
  for (const item of Object.values(value) as unknown[]) {
    budget.left -= 1;
    if (budget.left < 0) return true;
    if (typeof item === 'object' && item !== null && exceeds(item, budget)) return true;
  }
  return false;
}
