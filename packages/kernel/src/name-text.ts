/** What shows nothing, what steers a terminal or the direction of writing, and halves of characters. */
const UNPRINTABLE =
  /(?!\u200c|\u200d|\ufe0e|\ufe0f)[\p{Cc}\p{Cs}\u2028-\u202e\p{Default_Ignorable_Code_Point}\u2066-\u2069]/gu;
const IGNORABLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A name without what cannot be printed; the rest stays as it is. Composed (NFC), so that one name is one text. May be empty,
 * or without anything that can be seen: see `isPrintableText`.
 */
export function cleanName(text: string): string {
  return text.replaceAll(UNPRINTABLE, '').normalize('NFC').trim();
}

/**
 * The form in which names are compared, searched and sorted, the same on every system and in every language: compatibility
 * composition (NFKC) and full case folding as Unicode has them by default (UAX #15, UTS #10 D146), without what shows nothing.
 * The dotted and the dotless I of Turkish are one with I, because a default folding takes the one apart and leaves the other,
 * and neither would find the other.
 *
 * The database has it as `fold_name(text)`, for rows that it folds itself; a test holds both against each other.
 */
export function foldName(text: string): string {
  return (
    text
      .normalize('NFKC')
      .replaceAll(IGNORABLE, '')
      // By the upper case, and before it by the lower one, because the great sharp s has no upper case but itself.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .replaceAll('ς', 'σ')
      .replaceAll(/i\u0307+/gu, 'i')
      .normalize('NFKC')
  );
}
