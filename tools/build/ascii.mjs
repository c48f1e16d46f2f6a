const RAW = /String\.raw`[^`]*[^\x00-\x7f]/;

/**
 * The same program in characters of ASCII: the runtime keeps the text of a program as long as it runs, and at two bytes for each
 * character if a single one needs more than one.
 *
 * @param {string} code
 */
export function toAscii(code) {
  if (RAW.test(code))
    throw new Error('A raw template with characters beyond ASCII cannot be written in ASCII.');
  return code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
