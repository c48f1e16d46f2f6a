/**
 * Text that came from a device or another person, made safe for a terminal: control characters (escape
 * sequences among them) and bidirectional overrides are replaced, so that a host name cannot repaint the screen.
 */
export function toTerminalText(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD');
}
