/** What a key means on every page. */
export type Shortcut =
  | { readonly kind: 'palette' }
  | { readonly kind: 'search' }
  | { readonly kind: 'help' }
  | { readonly kind: 'go'; readonly page: 'directory' | 'commands' | 'enrolment' | 'audit' | 'settings' };

export interface PressedKey {
  readonly key: string;
  /** Ctrl, or Command on a Mac. */
  readonly hasModifier: boolean;
  readonly hasAlt: boolean;
}

const pages: Readonly<Record<string, Extract<Shortcut, { kind: 'go' }>['page']>> = {
  d: 'directory',
  c: 'commands',
  e: 'enrolment',
  a: 'audit',
  s: 'settings',
};

/**
 * @param previousKey the key pressed shortly before, for sequences such as `g d`
 * @param isTyping whether keys belong to a field or a dialog; only the palette opens then
 */
export function shortcutOf(
  pressed: PressedKey,
  previousKey: string | undefined,
  isTyping: boolean,
): Shortcut | undefined {
  if (pressed.hasModifier && !pressed.hasAlt && pressed.key.toLowerCase() === 'k') return { kind: 'palette' };
  if (isTyping || pressed.hasModifier || pressed.hasAlt) return undefined;
  if (previousKey === 'g') {
    const page = pages[pressed.key];
    return page === undefined ? undefined : { kind: 'go', page };
  }
  if (pressed.key === '/') return { kind: 'search' };
  return pressed.key === '?' ? { kind: 'help' } : undefined;
}
