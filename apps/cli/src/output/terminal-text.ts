import type { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Control characters (escape sequences among them), line separators, and whatever turns the direction of writing. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const UNSAFE_BUT_NEWLINE =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

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
  return json.replace(UNSAFE_BUT_NEWLINE, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Writes bytes on: as they are to a file or a pipe, safe to look at on a terminal. */
export function createByteWriter(stdout: Writable & { readonly isTTY?: boolean }): (chunk: Buffer) => void {
  if (stdout.isTTY !== true) return (chunk) => void stdout.write(chunk);
  // A character may lie in two chunks. Lines of CSV end with a carriage return as well, which a terminal does not need.
  const decoder = new StringDecoder('utf8');
  return (chunk) => void stdout.write(toTerminalLines(decoder.write(chunk).replaceAll('\r', '')));
}
