/**
 * Control characters (escape sequences among them), line separators, whatever turns the direction of writing, and what
 * shows nothing, so that two names which look the same are the same. Joiners and variation selectors stay: scripts and
 * emoji need them.
 */
const UNSAFE =
  /(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u0000-\u001f\u007f-\u009f\u2028-\u202e\p{Default_Ignorable_Code_Point}\u2066-\u2069]/gu;
const UNSAFE_BUT_NEWLINE =
  /(?!\u200c|\u200d|\ufe0e|\ufe0f)[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\p{Default_Ignorable_Code_Point}\u2066-\u2069]/gu;

/**
 * Text that came from a device or another person, made safe for one line of a terminal, so that a host name cannot
 * repaint the screen.
 */
export function toTerminalText(text: string): string {
  return text.replace(UNSAFE, '\uFFFD');
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
