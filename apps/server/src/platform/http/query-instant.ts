import { HttpError } from './http.errors.ts';

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$/;

/**
 * An instant of a query, in milliseconds since 1970: years before the first are read differently by the database.
 *
 * @param name of the parameter
 * @throws HttpError REQUEST_INVALID
 */
export function parseQueryInstant(text: string, name: string): number {
  const instantMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
  if (instantMs >= 0) return instantMs;
  const message = 'must be an instant like 2026-11-22T08:00:00.000Z';
  throw new HttpError('REQUEST_INVALID', `The query of the request is not valid: query.${name} ${message}.`, {
    fields: [{ path: `query.${name}`, message }],
  });
}

/** The span of time that a query asks for; a side that it does not name is open. */
export function parseQuerySpan(query: {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}): {
  readonly from: Date | undefined;
  readonly to: Date | undefined;
} {
  const parse = (name: 'from' | 'to'): Date | undefined => {
    const text = query[name];
    return text === undefined ? undefined : new Date(parseQueryInstant(text, name));
  };
  return { from: parse('from'), to: parse('to') };
}
