import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Check } from 'typebox/value';

const UUID = '01890000-0000-7000-8000-000000000000';

/** Texts that databases, files, terminals and parsers stumble over. */
export const strangeText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '\0',
    'a\0b',
    '\ud800',
    'a\udc00b',
    '-1',
    '1e999',
    '9007199254740993',
    `${UUID}'`,
    '../..',
    '%',
    '_%\\',
    "' or 1=1 --",
    '2026-02-31T99:99:99.000Z',
    '2026-11-22T08:00:00.000Z',
    '-271821-04-20T00:00:00.000Z',
    '\u202e\u2066',
    'ﷺ'.repeat(60),
    'x'.repeat(300),
    'AAAA',
    'eyJhIjoxfQ',
  ),
);

/**
 * Values that a schema accepts, as strange as it lets them be. What reaches the handlers must be borne by them: the
 * schema has no more to say.
 */
export function arbitraryOf(schema: TSchema): fc.Arbitrary<unknown> {
  const { type, anyOf, enum: values, const: literal, properties, items, required } = schema as SchemaParts;
  const { minItems, maxItems } = schema as SchemaParts;
  if (literal !== undefined) return fc.constant(literal);
  if (values !== undefined) return fc.constantFrom(...values);
  if (anyOf !== undefined) return fc.oneof(...anyOf.map(arbitraryOf));
  switch (type) {
    case 'object':
      if (properties !== undefined) {
        return fc.record(
          Object.fromEntries(
            Object.entries(properties).map(([name, property]) => [name, arbitraryOf(property)]),
          ),
          { requiredKeys: required ?? [] },
        );
      }
      return fc
        .dictionary(strangeText, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
        .filter((value) => Check(schema, value));
    case 'array':
      return fc
        .array(items === undefined ? fc.jsonValue() : arbitraryOf(items), {
          minLength: minItems ?? 0,
          maxLength: Math.max(minItems ?? 0, Math.min(4, maxItems ?? 4)),
        })
        .filter((value) => Check(schema, value));
    case 'string':
      return textOf(schema);
    case 'integer':
    case 'number':
      return numberOf(schema as SchemaParts);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 4 });
  }
}

interface SchemaParts {
  readonly type?: string;
  readonly anyOf?: readonly TSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: string[];
  readonly items?: TSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

function textOf(schema: TSchema): fc.Arbitrary<string> {
  const accepts = (text: string): boolean => Check(schema, text) as boolean;
  const examples = [
    '192.0.2.0/24',
    UUID,
    'name',
    '2026-11-22T08:00:00.000Z',
    'x'.repeat(20),
    'f'.repeat(24),
    'f'.repeat(64),
    '03:30',
    'x'.repeat(43),
    'AAAAAAAAAAAAAAAAAAAAAA',
    'eyJh.eyJi.AAAA',
    'device.moved',
  ];
  const known = examples.filter(accepts);
  const strange = [
    'a\0b-filled-up-to-twenty',
    '\ud800-filled-up-to-twenty',
    'name \u202e',
    '2026-99-99T99:99:99.999Z',
    `${'y'.repeat(127)}é`,
  ].filter(accepts);
  const fixed = [...known, ...strange];
  if (fixed.length === 0) throw new Error(`no example text for ${JSON.stringify(schema)}`);
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...fixed) },
    { weight: 3, arbitrary: strangeText.map((text) => (accepts(text) ? text : (fixed[0] as string))) },
  );
}

function numberOf({ minimum, maximum }: SchemaParts): fc.Arbitrary<number> {
  const min = minimum ?? Number.MIN_SAFE_INTEGER;
  const max = maximum ?? Number.MAX_SAFE_INTEGER;
  return fc.oneof(
    fc.constantFrom(min, max),
    fc.integer({ min: Math.max(min, -(2 ** 31)), max: Math.min(max, 2 ** 31 - 1) }),
  );
}
