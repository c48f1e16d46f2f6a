import type { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { toTerminalLines } from '@holdfast/kernel';

/** Writes bytes on: as they are to a file or a pipe, safe to look at on a terminal. */
export function createByteWriter(stdout: Writable & { readonly isTTY?: boolean }): (chunk: Buffer) => void {
  if (stdout.isTTY !== true) return (chunk) => void stdout.write(chunk);
  // A character may lie in two chunks. Lines of CSV end with a carriage return as well, which a terminal does not need.
  const decoder = new StringDecoder('utf8');
  return (chunk) => void stdout.write(toTerminalLines(decoder.write(chunk).replaceAll('\r', '')));
}
