import { HttpError } from './http.errors.ts';

/** Characters of a name as it is stored. */
const MAX_NAME_LENGTH = 128;

/**
 * A name in the one form in which it is stored: composed letters, no blanks around. Some letters become two by it, so the length that
 * counts is that of this form.
 *
 * @param field where the name stood in the body @throws HttpError REQUEST_INVALID
 */
export function composeName(given: string, field = 'name', maxLength = MAX_NAME_LENGTH): string {
  const name = given.normalize('NFC').trim();
  if (name.length <= maxLength) return name;
  const path = `body.${field}`;
  const message = `must have at most ${maxLength} characters, each letter in its composed form`;
  throw new HttpError(
    'REQUEST_INVALID',
    `The body of the request does not have the expected form: ${path} ${message}`,
    {
      fields: [{ path, message }],
    },
  );
}
