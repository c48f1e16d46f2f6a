import { wordsOf } from '../../shared/format/words.ts';
import { unitMs } from '../../shared/time/duration.ts';

interface FieldTexts {
  readonly name: string;
  readonly title: string;
  readonly help: string | undefined;
  readonly isNeeded: boolean;
}

export interface ParameterChoice {
  readonly value: string;
  readonly label: string;
}

/** One parameter of a command, as a form asks for it. */
export type ParameterField = FieldTexts &
  (
    | {
        readonly kind: 'choice';
        readonly choices: readonly ParameterChoice[];
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
        readonly unit: DurationParameterUnit;
        /** Until it is over, the command can be cancelled. */
        readonly isDelay: boolean;
        readonly first: number | undefined;
      }
    | { readonly kind: 'switch'; readonly first: boolean | undefined }
    | {
        readonly kind: 'text';
        readonly minLength: number;
        readonly maxLength: number;
        readonly isLong: boolean;
        readonly first: string | undefined;
      }
  );

export type DurationParameter = Extract<ParameterField, { readonly kind: 'duration' }>;

type DurationParameterUnit = 's' | 'min';
const parameterUnitMs: Readonly<Record<DurationParameterUnit, number>> = {
  s: unitMs.second,
  min: unitMs.minute,
};

/** Milliseconds that stand for one of such a parameter. */
export function unitMsOf({ unit }: DurationParameter): number {
  return parameterUnitMs[unit];
}

export type ParameterValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a form has to ask for, read from the JSON Schema of a command type. A property of another form is left out. */
export function parameterFieldsOf(schema: Readonly<Record<string, unknown>>): readonly ParameterField[] {
  const properties = recordOf(schema['properties']) ?? {};
  const needed = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).flatMap(([name, property]): ParameterField[] => {
    const one = recordOf(property);
    if (one === undefined) return [];
    const texts: FieldTexts = {
      name,
      title: textOf(one['title']) ?? wordsOf(name),
      help: textOf(one['description']),
      isNeeded: needed.includes(name),
    };
    const first = one['default'];
    const choices = choicesOf(one);
    if (choices.length > 0) return [{ ...texts, kind: 'choice', choices, first: textOf(first) }];
    switch (one['type']) {
      case 'integer':
      case 'number': {
        const amount = {
          ...texts,
          min: numberOr(one['minimum'], 0),
          max: numberOr(one['maximum'], Number.MAX_SAFE_INTEGER),
          first: typeof first === 'number' ? first : undefined,
        };
        const unit = textOf(one['unit']);
        return unit === 's' || unit === 'min'
          ? [{ ...amount, kind: 'duration', unit, isDelay: one['isDelay'] === true }]
          : [{ ...amount, kind: 'integer', unit }];
      }
      case 'boolean':
        return [{ ...texts, kind: 'switch', first: typeof first === 'boolean' ? first : undefined }];
      case 'string':
        return [
          {
            ...texts,
            kind: 'text',
            minLength: numberOr(one['minLength'], 0),
            maxLength: numberOr(one['maxLength'], 1_000),
            isLong: one['isLong'] === true,
            first: textOf(first),
          },
        ];
      default:
        return [];
    }
  });
}

/**
 * With what a form begins: the defaults, or what a former command was given; a part of that which does not fit any more gives way
 * to its default.
 */
export function firstValuesOf(
  fields: readonly ParameterField[],
  former?: Readonly<Record<string, unknown>>,
): ParameterValues {
  return Object.fromEntries(
    fields.map((field) => {
      const value = former?.[field.name];
      if (former !== undefined && value === undefined && !field.isNeeded) return [field.name, undefined];
      return [field.name, isValue(value) && fits(field, value) ? value : field.first];
    }),
  );
}

function isValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** The parameters to send; undefined while something is missing or out of bounds. */
export function readParameters(
  fields: readonly ParameterField[],
  values: ParameterValues,
): Record<string, unknown> | undefined {
  const parameters: Record<string, unknown> = {};
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined || value === '') {
      if (field.isNeeded && field.kind !== 'switch') return undefined;
      if (field.kind === 'switch' && field.isNeeded) parameters[field.name] = false;
      continue;
    }
    if (!fits(field, value)) return undefined;
    parameters[field.name] = value;
  }
  return parameters;
}

export function fits(field: ParameterField, value: string | number | boolean): boolean {
  switch (field.kind) {
    case 'choice':
      return field.choices.some((choice) => choice.value === value);
    case 'integer':
    case 'duration':
      return typeof value === 'number' && Number.isInteger(value) && value >= field.min && value <= field.max;
    case 'switch':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' && value.length >= field.minLength && value.length <= field.maxLength;
  }
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

/**
 * With what a command was given, in words and in the order of its form: "Level: Everything, for finding faults". What is not
 * known is shown as it is, after the rest.
 *
 * @param durationText words for a length of time in milliseconds
 */
export function parameterLinesOf(
  fields: readonly ParameterField[],
  parameters: Readonly<Record<string, unknown>>,
  durationText: (durationMs: number) => string,
): readonly string[] {
  const placeOf = (name: string): number => {
    const place = fields.findIndex((field) => field.name === name);
    return place === -1 ? fields.length : place;
  };
  return Object.entries(parameters)
    .toSorted(([first], [second]) => placeOf(first) - placeOf(second))
    .map(([name, value]) => {
      const field = fields.find((one) => one.name === name);
      return `${field?.title ?? wordsOf(name)}: ${valueText(field, value, durationText)}`;
    });
}

function valueText(
  field: ParameterField | undefined,
  value: unknown,
  durationText: (durationMs: number) => string,
): string {
  if (field?.kind === 'duration' && typeof value === 'number') return durationText(value * unitMsOf(field));
  if (field?.kind === 'choice') {
    const label = field.choices.find((choice) => choice.value === value)?.label;
    if (label !== undefined) return label;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return field?.kind === 'integer' && field.unit !== undefined ? `${text} ${field.unit}` : text;
}

function choicesOf(property: Readonly<Record<string, unknown>>): readonly ParameterChoice[] {
  const { enum: values, anyOf } = property;
  if (Array.isArray(values))
    return values.flatMap((value) => (typeof value === 'string' ? [{ value, label: value }] : []));
  if (!Array.isArray(anyOf)) return [];
  return anyOf.flatMap((branch) => {
    const { const: value, title } = recordOf(branch) ?? {};
    return typeof value === 'string' ? [{ value, label: textOf(title) ?? value }] : [];
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
