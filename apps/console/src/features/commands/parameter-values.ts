import type { ParameterField } from '@holdfast/api';
import { findParameterFaults } from '@holdfast/protocol/parameters';

export type ParameterValue = string | number | boolean | undefined;
export type ParameterValues = Readonly<Record<string, ParameterValue>>;

type JsonSchema = Readonly<Record<string, unknown>>;

/** What stands in a form: what would be sent, and what speaks against it. */
export interface FilledForm {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly isReady: boolean;
  /** For each parameter that is given and does not fit, what it has to be: "text of 1 to 100 characters". */
  readonly expected: ReadonlyMap<string, string>;
}

/** Judges what stands in a form as the server will. */
export function readForm(
  schema: JsonSchema,
  fields: readonly ParameterField[],
  values: ParameterValues,
): FilledForm {
  const parameters = Object.fromEntries(
    fields.flatMap(({ name, kind, isNeeded }) => {
      const value = values[name];
      if (value !== undefined && value !== '') return [[name, value]];
      // A switch that nobody touched is off, and one that may be absent is left to the device.
      return kind === 'switch' && isNeeded ? [[name, false]] : [];
    }),
  );
  const faults = findParameterFaults(schema, parameters);
  const expected = faults.flatMap((fault) =>
    fault.kind === 'unfit' && fault.path[0] !== undefined ? [[fault.path[0], fault.expected] as const] : [],
  );
  return { parameters, isReady: faults.length === 0, expected: new Map(expected) };
}

/**
 * With what a form begins: the defaults, or what a former command was given; a part of that which does not fit any more gives way
 * to its default.
 */
export function firstValuesOf(
  schema: JsonSchema,
  fields: readonly ParameterField[],
  former?: Readonly<Record<string, unknown>>,
): ParameterValues {
  const unfit = new Set(findParameterFaults(schema, former ?? {}).map(({ path }) => path[0]));
  return Object.fromEntries(
    fields.map(({ name, isNeeded, first }) => {
      const value = former?.[name];
      if (former !== undefined && value === undefined && !isNeeded) return [name, undefined];
      return [name, isValue(value) && !unfit.has(name) ? value : first];
    }),
  );
}

function isValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
