/** One parameter of a command, as a form asks for it. */
export type ParameterField =
  | {
      readonly kind: 'choice';
      readonly name: string;
      readonly isNeeded: boolean;
      readonly choices: readonly string[];
    }
  | {
      readonly kind: 'integer';
      readonly name: string;
      readonly isNeeded: boolean;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'switch'; readonly name: string; readonly isNeeded: boolean }
  | { readonly kind: 'text'; readonly name: string; readonly isNeeded: boolean; readonly maxLength: number };

export type ParameterValues = Readonly<Record<string, string | number | boolean | undefined>>;

/** What a form has to ask for, read from the JSON Schema of a command type. A property of another form is left out. */
export function parameterFieldsOf(schema: Readonly<Record<string, unknown>>): readonly ParameterField[] {
  const properties = recordOf(schema['properties']) ?? {};
  const needed = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).flatMap(([name, property]): ParameterField[] => {
    const one = recordOf(property);
    if (one === undefined) return [];
    const isNeeded = needed.includes(name);
    const choices = choicesOf(one);
    if (choices.length > 0) return [{ kind: 'choice', name, isNeeded, choices }];
    switch (one['type']) {
      case 'integer':
      case 'number':
        return [
          {
            kind: 'integer',
            name,
            isNeeded,
            min: numberOr(one['minimum'], 0),
            max: numberOr(one['maximum'], Number.MAX_SAFE_INTEGER),
          },
        ];
      case 'boolean':
        return [{ kind: 'switch', name, isNeeded }];
      case 'string':
        return [{ kind: 'text', name, isNeeded, maxLength: numberOr(one['maxLength'], 1_000) }];
      default:
        return [];
    }
  });
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
      return typeof value === 'string' && field.choices.includes(value);
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value) && value >= field.min && value <= field.max;
    case 'switch':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' && value.length <= field.maxLength;
  }
}

function choicesOf(property: Readonly<Record<string, unknown>>): readonly string[] {
  const { enum: values, anyOf } = property;
  if (Array.isArray(values)) return values.filter((value) => typeof value === 'string');
  if (!Array.isArray(anyOf)) return [];
  return anyOf.map((one) => recordOf(one)?.['const']).filter((value) => typeof value === 'string');
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
