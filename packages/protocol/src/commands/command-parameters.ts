import type { TSchema } from 'typebox';
import { describeSchema, type SchemaFault } from '../schema-words.ts';

export type CommandParameters = Readonly<Record<string, unknown>>;

type Members = Readonly<Record<string, unknown>>;

/** What a schema of parameters says, and what is only for people. Whoever needs more of JSON Schema teaches it to `fits`. */
const objectKeywords = new Set(['type', 'properties', 'required', 'additionalProperties']);
const valueKeywords = new Set([
  ...['type', 'const', 'enum', 'anyOf', 'minimum', 'maximum', 'minLength', 'maxLength'],
  ...['title', 'description', 'default', 'unit', 'isDelay', 'isLong'],
]);
const valueTypes: readonly unknown[] = ['string', 'integer', 'number', 'boolean', undefined];

/**
 * Refuses a schema of parameters that says more than {@link findParameterFaults} looks at.
 *
 * @throws TypeError
 */
export function assertParameterSchema(schema: TSchema): void {
  const plain = JSON.parse(JSON.stringify(schema)) as Members;
  const { type, additionalProperties = true } = plain;
  if (type !== 'object' || typeof additionalProperties !== 'boolean')
    throw new TypeError('Parameters are an object, with further members or without any');
  assertKeywords(plain, objectKeywords);
  for (const property of Object.values(propertiesOf(plain))) assertValueSchema(property);
}

function assertValueSchema(schema: Members): void {
  assertKeywords(schema, valueKeywords);
  if (!valueTypes.includes(schema['type']))
    throw new TypeError(`A parameter is a text, a number or a switch, not ${String(schema['type'])}`);
  for (const branch of branchesOf(schema)) assertValueSchema(branch);
}

function assertKeywords(schema: Members, known: ReadonlySet<string>): void {
  const unknown = Object.keys(schema).find((keyword) => !known.has(keyword));
  if (unknown !== undefined) throw new TypeError(`Nobody checks "${unknown}" of parameters`);
}

/** The parameters, and the defaults of those that are absent. */
export function completeParameters(schema: TSchema, parameters: CommandParameters): CommandParameters {
  const defaults = Object.entries(propertiesOf(schema)).flatMap(([name, property]) =>
    'default' in property && !Object.hasOwn(parameters, name) ? [[name, property['default']] as const] : [],
  );
  return { ...parameters, ...Object.fromEntries(defaults) };
}

/**
 * Where the parameters of a command do not fit its schema; empty where they do. Server, agent, command line and the forms of the
 * console all ask here.
 */
export function findParameterFaults(schema: TSchema, parameters: unknown): readonly SchemaFault[] {
  if (!isMembers(parameters)) return [{ path: [], kind: 'unfit', expected: describeSchema(schema) }];
  const properties = propertiesOf(schema);
  const { required, additionalProperties } = schema as Members;
  const needed = Array.isArray(required) ? (required as readonly string[]) : [];
  const missing = needed.filter((name) => !Object.hasOwn(parameters, name));
  return [
    ...missing.map((name) => ({ path: [name], kind: 'missing' }) as const),
    ...Object.entries(parameters).flatMap(([name, value]): SchemaFault[] => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property === undefined)
        return additionalProperties === false ? [{ path: [name], kind: 'unknown' }] : [];
      return fits(property, value)
        ? []
        : [{ path: [name], kind: 'unfit', expected: describeSchema(property) }];
    }),
  ];
}

/**
 * What is wrong with the parameters of a command, a sentence for each: `level is one of error, warn, info, debug`, `title is
 * missing`, `colour is not a parameter of this command; it has: title, text`. Empty where they fit.
 */
export function describeParameterFaults(schema: TSchema, parameters: unknown): string[] {
  const names = Object.keys(propertiesOf(schema));
  return findParameterFaults(schema, parameters).map((fault) => {
    const name = fault.path.join('.').slice(0, 100);
    switch (fault.kind) {
      case 'missing':
        return `${name} is missing`;
      case 'unknown':
        return `${name} is not a parameter of this command; it has${names.length === 0 ? ' none' : `: ${names.join(', ')}`}`;
      case 'unfit':
        return `${name === '' ? 'what is given' : name} is ${fault.path.length === 0 ? 'not ' : ''}${fault.expected}`;
    }
  });
}

function fits(schema: Members, value: unknown): boolean {
  const { type, const: only, enum: values } = schema;
  if (only !== undefined && value !== only) return false;
  if (Array.isArray(values) && !values.includes(value)) return false;
  const branches = branchesOf(schema);
  if (branches.length > 0 && !branches.some((branch) => fits(branch, value))) return false;
  switch (type) {
    case 'string':
      return (
        typeof value === 'string' && isWithin([...value].length, schema['minLength'], schema['maxLength'])
      );
    case 'integer':
      return Number.isInteger(value) && isWithin(value, schema['minimum'], schema['maximum']);
    case 'number':
      return Number.isFinite(value) && isWithin(value, schema['minimum'], schema['maximum']);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return true;
  }
}

function isWithin(value: unknown, least: unknown, most: unknown): boolean {
  return (
    typeof value === 'number' &&
    (typeof least !== 'number' || value >= least) &&
    (typeof most !== 'number' || value <= most)
  );
}

function branchesOf({ anyOf }: Members): readonly Members[] {
  return Array.isArray(anyOf) ? (anyOf as readonly Members[]) : [];
}

function propertiesOf(schema: Members | TSchema): Readonly<Record<string, Members>> {
  const { properties } = schema as Members;
  return isMembers(properties) ? (properties as Readonly<Record<string, Members>>) : {};
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
