import { wordsOf } from '@holdfast/kernel';
import {
  type JsonSchema,
  isJsonObject,
  schemaChoicesOf,
  type SchemaChoice,
  textOf,
} from './schema-reading.ts';

interface FieldTexts {
  readonly name: string;
  readonly title: string;
  readonly help: string | undefined;
  readonly isNeeded: boolean;
}

/** One parameter of a command, as a form asks for it. */
export type ParameterField = FieldTexts &
  (
    | {
        readonly kind: 'choice';
        readonly choices: readonly SchemaChoice[];
        readonly first: string | undefined;
      }
    | {
        readonly kind: 'integer';
        readonly min: number;
        readonly max: number;
        readonly unit: string | undefined;
        readonly first: number | undefined;
      }
    | {
        /** A whole number of seconds or minutes, which people give and read with a unit of their choice. */
        readonly kind: 'duration';
        readonly min: number;
        readonly max: number;
        /** Milliseconds that stand for one of it. */
        readonly unitMs: number;
        /** Until it is over, the command can be cancelled. */
        readonly isDelay: boolean;
        readonly first: number | undefined;
      }
    | { readonly kind: 'switch'; readonly first: boolean | undefined }
    | {
        readonly kind: 'text';
        readonly isLong: boolean;
        readonly first: string | undefined;
      }
  );

export type DurationParameter = Extract<ParameterField, { readonly kind: 'duration' }>;

/** Units of time that schemas of commands name, in milliseconds. */
const timeUnitsMs: ReadonlyMap<unknown, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['min', 60_000],
  ['h', 3_600_000],
]);

/** Milliseconds that stand for one of what this property counts; undefined where it counts no time. */
export function timeUnitMsOf(property: JsonSchema): number | undefined {
  return timeUnitsMs.get(property['unit']);
}

/** What a form has to ask for, read from the JSON Schema of a command type. A property of another form is left out. */
export function parameterFieldsOf(schema: JsonSchema): readonly ParameterField[] {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const needed = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).flatMap(([name, property]): ParameterField[] => {
    if (!isJsonObject(property)) return [];
    const texts: FieldTexts = {
      name,
      title: textOf(property['title']) ?? wordsOf(name),
      help: textOf(property['description']),
      isNeeded: needed.includes(name),
    };
    const first = property['default'];
    const choices = schemaChoicesOf(property);
    if (choices.length > 0) return [{ ...texts, kind: 'choice', choices, first: textOf(first) }];
    switch (property['type']) {
      case 'integer':
      case 'number': {
        const amount = {
          ...texts,
          min: numberOr(property['minimum'], 0),
          max: numberOr(property['maximum'], Number.MAX_SAFE_INTEGER),
          first: typeof first === 'number' ? first : undefined,
        };
        const unitMs = timeUnitMsOf(property);
        return unitMs === undefined
          ? [{ ...amount, kind: 'integer', unit: textOf(property['unit']) }]
          : [{ ...amount, kind: 'duration', unitMs, isDelay: property['isDelay'] === true }];
      }
      case 'boolean':
        return [{ ...texts, kind: 'switch', first: typeof first === 'boolean' ? first : undefined }];
      case 'string':
        return [
          {
            ...texts,
            kind: 'text',
            isLong: property['isLong'] === true,
            first: textOf(first),
          },
        ];
      default:
        return [];
    }
  });
}

/** Whether there is a time in which a command that went out with these can still be called off. */
export function canBeCalledOff(
  fields: readonly ParameterField[],
  parameters: Readonly<Record<string, unknown>>,
): boolean {
  return fields.some((field) => {
    const value = parameters[field.name] ?? field.first;
    return field.kind === 'duration' && field.isDelay && typeof value === 'number' && value > 0;
  });
}

/** With what a command was given one parameter. */
export interface GivenParameter {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

/**
 * With what a command was given, in words and in the order of its form. What is not known is shown as it is, after the rest.
 *
 * @param durationText words for a length of time in milliseconds
 */
export function describeGiven(
  fields: readonly ParameterField[],
  parameters: Readonly<Record<string, unknown>>,
  durationText: (durationMs: number) => string,
): readonly GivenParameter[] {
  const placeOf = (name: string): number => {
    const place = fields.findIndex((field) => field.name === name);
    return place === -1 ? fields.length : place;
  };
  return Object.entries(parameters)
    .toSorted(([first], [second]) => placeOf(first) - placeOf(second))
    .map(([name, value]) => {
      const field = fields.find((one) => one.name === name);
      return {
        name,
        title: field?.title ?? wordsOf(name),
        text: describeValue(field, value, durationText),
      };
    });
}

function describeValue(
  field: ParameterField | undefined,
  value: unknown,
  durationText: (durationMs: number) => string,
): string {
  if (field?.kind === 'duration' && typeof value === 'number') return durationText(value * field.unitMs);
  if (field?.kind === 'choice') {
    const label = field.choices.find((choice) => choice.value === value)?.label;
    if (label !== undefined) return label;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return field?.kind === 'integer' && field.unit !== undefined ? `${text} ${field.unit}` : text;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
