import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';

const compiled = new WeakMap<TSchema, Validator>();

/**
 * The check of a schema, compiled when it is first asked for and kept as long as the schema: a server starts without the hundreds
 * of checks that nobody has called for yet, and all servers of a process share them.
 */
export function compiledSchema(schema: TSchema): Validator {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = Compile<TSchema, Validator>(schema);
  compiled.set(schema, made);
  return made;
}

/** Whether a value is what the schema says. */
export function checkCompiled(schema: TSchema, value: unknown): boolean {
  return compiledSchema(schema).Check(value);
}
