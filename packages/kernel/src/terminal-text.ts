/**
 * Control characters (escape sequences among them), line separators, whatever turns the direction of writing, and what
 * shows nothing, so that two names which look the same are the same. Variation selectors stay, and joiners behind a sign of a
 * script that has them or behind an emoji; behind a Latin letter or at the beginning they hide.
 */
const UNSAFE =
  /(?<=^|[\u0000-\u024f])[\u200c\u200d]+|(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u0000-\u001f\u007f-\u009f\u2028-\u202e\p{Default_Ignorable_Code_Point}\u2066-\u2069]/gu;
const UNSAFE_BUT_NEWLINE =
  /(?<=^|[\u0000-\u024f])[\u200c\u200d]+|(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\p{Default_Ignorable_Code_Point}\u2066-\u2069]/gu;

/**
 * Text that came from a device or another person, made safe for one line of a terminal, so that a host name cannot
 * repaint the screen.
 */
export function toTerminalText(text: string): string {
  return text.replace(UNSAFE, '\uFFFD');
}

/** Nothing in it has to be looked at: nearly all names. */
const PLAIN = /^[\u0020-\u007e]*$/;
const CONTROLS = /[\p{Cc}\u2028\u2029]+/gu;

/**
 * The same for what is kept or sent on as one line, such as a name or a sentence of a server: line breaks, tabs and other
 * control characters become a blank, what else is unsafe is shown, and what is too long is cut.
 */
export function toOneLine(text: string, maxCharacters = Number.POSITIVE_INFINITY): string {
  if (PLAIN.test(text)) return text.slice(0, maxCharacters);
  const line = toTerminalText(text.toWellFormed().replace(CONTROLS, ' '));
  if (line.length <= maxCharacters) return line;
  // Never in the middle of a character beyond the first plane.
  return line.slice(0, maxCharacters).toWellFormed();
}

/** The same for text of several lines, which stay lines. */
export function toTerminalLines(text: string): string {
  return text.replace(UNSAFE_BUT_NEWLINE, '\uFFFD');
}

/** JSON that means the same and shows every unsafe character as an escape. */
export function toTerminalJson(json: string): string {
  return json.replace(UNSAFE_BUT_NEWLINE, (sign) =>
    // Characters beyond the first plane are two escapes.
    [...Array(sign.length).keys()]
      .map((place) => `\\u${sign.charCodeAt(place).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
