import { completeParameters, describeParameterFaults } from '@holdfast/protocol';
import { CliError } from '../cli.errors.ts';

/**
 * Reads `name=value` pairs as the schema of the command means them: numbers and switches from their text. What does not fit is
 * refused in the words of the server, before anything is sent.
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
  const parameters = Object.fromEntries(
    list.map((pair) => {
      const place = pair.indexOf('=');
      const name = pair.slice(0, place);
      if (place < 1) throw new CliError('ARGUMENT_INVALID', `--set takes name=value, not "${pair}".`);
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined;
      return [name, readValue(pair.slice(place + 1), type)];
    }),
  );
  if (schema === undefined) return parameters;
  const faults = describeParameterFaults(schema, completeParameters(schema, parameters));
  if (faults.length === 0) return parameters;
  throw new CliError('ARGUMENT_INVALID', `The parameters do not fit the command: ${faults.join('; ')}.`, {
    remedy: 'Give each as --set name=value; `holdfast commands types TYPE` lists them.',
  });
}

/** Text that means no number or switch stays as it is: the schema refuses it with its name. */
function readValue(text: string, type: unknown): unknown {
  if (type === 'integer' || type === 'number') {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : text;
  }
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
