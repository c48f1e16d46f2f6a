import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Check } from 'typebox/value';
import { limits } from '../limits.ts';
import { field } from '../messages/field.ts';
import { describeSchema } from '../schema-words.ts';
import { commandDefinitions } from './command-catalogue.ts';
import { type CommandDefinition, lanes, reaches } from './command-definition.ts';

test('every command has a name that products can tell, and one that is its own', () => {
  const types = commandDefinitions.map(({ type }) => type);
  assert.equal(new Set(types).size, types.length);
  assert.ok(types.length <= limits.maxCommandTypes);
  for (const type of types) {
    assert.ok(Check(field.commandType, type), type);
    assert.ok(!type.startsWith('x-'), `${type}: the prefix belongs to products of others`);
  }
});

/** Places of a schema that a person could not tell what they are. */
function findUntitled(schema: object, path: string): string[] {
  const { properties = {}, items } = schema as {
    readonly properties?: Readonly<Record<string, object>>;
    readonly items?: object;
  };
  return [
    ...Object.entries(properties).flatMap(([name, property]) => [
      ...('title' in property ? [] : [`${path}.${name}`]),
      ...findUntitled(property, `${path}.${name}`),
    ]),
    ...(items === undefined ? [] : findUntitled(items, `${path}[]`)),
  ];
}

for (const {
  type,
  title,
  description,
  parameters,
  result,
  lane,
  reach,
  defaultExpiryMs,
} of commandDefinitions) {
  test(`${type} says what people need to know of it`, () => {
    assert.match(title, /^[A-Z][^.]+$/);
    assert.match(description, /^[A-Z].+\.$/);
    assert.ok((lanes as readonly string[]).includes(lane));
    assert.ok((reaches as readonly string[]).includes(reach));
    assert.deepEqual(findUntitled(result, 'result'), []);
    assert.ok(Number.isInteger(defaultExpiryMs) && defaultExpiryMs > 0);
    const closed: unknown = Reflect.get(parameters, 'additionalProperties');
    assert.equal(closed, false, 'a parameter that nobody knows is refused');
    for (const [name, property] of Object.entries(parameters.properties)) {
      assert.ok('title' in property && typeof property.title === 'string', `${name} has no title`);
      if ('default' in property) assert.ok(Check(property, property.default), `the default of ${name}`);
      if ('type' in property && property.type === 'string')
        assert.ok('maxLength' in property, `${name} has no bound`);
    }
  });
}

function describeParameters({ parameters }: CommandDefinition): string {
  const needed: unknown = Reflect.get(parameters, 'required');
  const lines = Object.entries(parameters.properties).map(([name, property]) => {
    const unit = 'unit' in property ? ` ${String(property.unit)}` : '';
    const first =
      'default' in property
        ? `; ${String(property.default)} unless told`
        : Array.isArray(needed) && needed.includes(name)
          ? ''
          : '; may be absent';
    return `\`${name}\`: ${describeSchema(property)}${unit}${first}`;
  });
  return lines.length === 0 ? 'none' : lines.join('<br>');
}

function describeResult({ result }: CommandDefinition): string {
  return Object.entries(result.properties)
    .map(([name, property]) => {
      const { title, unit, form } = property as { title?: string; unit?: string; form?: string };
      const more = [unit, form].filter((word) => word !== undefined);
      return `\`${name}\`: ${title}${more.length === 0 ? '' : ` (${more.join(', ')})`}`;
    })
    .join('<br>');
}

test('the documents list every command as it is', () => {
  const text = readFileSync(new URL('../../../../docs/commands.md', import.meta.url), 'utf8');
  const shown = text
    .split('\n')
    .filter((line) => /^\| `[a-z-]+` \| (?:quick|system|update|disk) \|/u.test(line));
  const expected = commandDefinitions.map(
    (one) =>
      `| \`${one.type}\` | ${one.lane} | ${one.reach} | ${one.defaultExpiryMs / 3_600_000} h | ${one.description} | ${describeParameters(one)} | ${describeResult(one)} |`,
  );
  assert.deepEqual(shown, expected);
});
