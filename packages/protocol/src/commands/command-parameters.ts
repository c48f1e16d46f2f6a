import type { TSchema } from 'typebox';
import { Errors } from 'typebox/value';
import { findSchemaFaults, type SchemaFault } from '../schema-words.ts';

export type CommandParameters = Readonly<Record<string, unknown>>;

/** The parameters, and the defaults of those that are absent. */
export function completeParameters(schema: TSchema, parameters: CommandParameters): CommandParameters {
  const defaults = Object.entries(propertiesOf(schema)).flatMap(([name, property]) =>
    'default' in property && !Object.hasOwn(parameters, name) ? [[name, property.default] as const] : [],
  );
  return { ...parameters, ...Object.fromEntries(defaults) };
}

/** Where the parameters of a command do not fit its schema. Empty where they do. */
export function findParameterFaults(schema: TSchema, parameters: unknown): readonly SchemaFault[] {
  return findSchemaFaults(schema, Errors(schema, parameters));
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

function propertiesOf(schema: TSchema): Readonly<Record<string, TSchema>> {
  return 'properties' in schema ? (schema.properties as Record<string, TSchema>) : {};
}
