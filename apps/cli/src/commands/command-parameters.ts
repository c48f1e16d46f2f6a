import { CliError } from '../cli.errors.ts';

/**
 * Reads `name=value` pairs as the schema of the command means them: numbers and switches from their text.
 *
 * @param schema JSON Schema of the parameters; undefined for a command that the server does not know, which it says itself
 * @throws CliError ARGUMENT_INVALID
 */
export function readParameters(
  pairs: unknown,
  schema: Readonly<Record<string, unknown>> | undefined,
): Record<string, unknown> {
  const properties = (schema?.['properties'] ?? {}) as Readonly<Record<string, { readonly type?: unknown }>>;
  const list = Array.isArray(pairs) ? pairs.filter((pair) => typeof pair === 'string') : [];
  return Object.fromEntries(
    list.map((pair) => {
      const place = pair.indexOf('=');
      const name = pair.slice(0, place);
      if (place < 1) throw new CliError('ARGUMENT_INVALID', `--set takes name=value, not "${pair}".`);
      if (schema !== undefined && !Object.hasOwn(properties, name)) {
        const known = Object.keys(properties).join(', ') || 'none';
        throw new CliError('ARGUMENT_INVALID', `The command has no parameter "${name}"; it has: ${known}.`);
      }
      return [name, readValue(name, pair.slice(place + 1), properties[name]?.type)];
    }),
  );
}

function readValue(name: string, text: string, type: unknown): unknown {
  if (type === 'integer' || type === 'number') {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new CliError('ARGUMENT_INVALID', `${name} takes a number, not "${text}".`);
  }
  if (type === 'boolean') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw new CliError('ARGUMENT_INVALID', `${name} takes true or false, not "${text}".`);
  }
  return text;
}
