/** A JSON Schema as it travels: an object whose members have to be looked at. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface SchemaChoice {
  readonly value: string;
  readonly label: string;
}

/** The few words from which a property takes one, with what people read in their place; empty where it is no such choice. */
export function schemaChoicesOf({ enum: values, anyOf }: JsonSchema): readonly SchemaChoice[] {
  if (Array.isArray(values))
    return values.flatMap((value) => (typeof value === 'string' ? [{ value, label: value }] : []));
  if (!Array.isArray(anyOf)) return [];
  return anyOf.flatMap((branch: unknown) => {
    const { const: value, title } = isJsonObject(branch) ? branch : {};
    return typeof value === 'string' ? [{ value, label: textOf(title) ?? value }] : [];
  });
}

export function isJsonObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
