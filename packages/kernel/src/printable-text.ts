/**
 * Regular expression (with the flag `u`) of a text that people can read and tell from others: at least one character
 * that can be seen, no control characters of either set, no line separators, nothing that turns the direction of
 * writing. White space, joiners, fillers, variation selectors, combining marks and the empty Braille pattern cannot be
 * seen by themselves; beside something that can be seen they are allowed, because scripts and emoji need them.
 */
export const printableTextPattern =
  '^(?=.*[^\\p{White_Space}\\p{Default_Ignorable_Code_Point}\\p{M}\\p{Cc}\\p{Cf}\\p{Cs}\\u2800])' +
  '[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]+$';

const printableText = new RegExp(printableTextPattern, 'u');

/** Whether a text may be a name. Its length is the caller's part. */
export function isPrintableText(text: string): boolean {
  return printableText.test(text);
}
