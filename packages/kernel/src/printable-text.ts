/**
 * Regular expression (with the flag `u`) of a text that people can read and tell from others: at least one character
 * that can be seen, no control characters of either set, no line separators, nothing that turns the direction of
 * writing, and no character that shows nothing, with which two names look the same and are not: soft hyphens, fillers,
 * tags. Joiners and variation selectors show nothing either; they are allowed beside something that can be seen, because
 * scripts and emoji need them, and so are white space, combining marks and the empty Braille pattern.
 */
export const printableTextPattern =
  '^(?=.*[^\\p{White_Space}\\p{Default_Ignorable_Code_Point}\\p{M}\\p{Cc}\\p{Cf}\\p{Cs}\\u2800])' +
  '(?:(?!\\p{Default_Ignorable_Code_Point})[^\\u0000-\\u001f\\u007f-\\u009f\\u2028-\\u202e\\u2066-\\u2069]|[\\u200c\\u200d\\ufe0e\\ufe0f])+$';

const printableText = new RegExp(printableTextPattern, 'u');

/** Whether a text may be a name. Its length is the caller's part. */
export function isPrintableText(text: string): boolean {
  return printableText.test(text);
}
