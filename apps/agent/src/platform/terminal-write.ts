import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Terminals of people: pseudo terminals, consoles, and those of macOS. */
const TERMINAL = /^(?:pts\/\d{1,6}|tty\d{1,3}|ttyS\d{1,3}|ttys\d{1,3})$/u;

/**
 * Writes to the terminal of somebody who is signed in, as `wall` does: at once or not at all, so that one which is stopped holds
 * nothing up. Who has closed the terminal to others (`mesg n`) is left alone, unless this process may write everywhere.
 *
 * @param terminal without `/dev/`
 * @returns false when it is no terminal, or could not be written
 */
export async function writeTerminal(terminal: string, text: string): Promise<boolean> {
  if (!TERMINAL.test(terminal)) return false;
  try {
    const flags = constants.O_WRONLY | constants.O_NOCTTY | constants.O_NONBLOCK;
    await using handle = await open(`/dev/${terminal}`, flags);
    if (!(await handle.stat()).isCharacterDevice()) return false;
    const bytes = Buffer.from(text, 'utf8');
    return (await handle.write(bytes)).bytesWritten === bytes.length;
  } catch {
    // It is gone, closed to us, or stopped: the answer says that nothing was shown there.
    return false;
  }
}
