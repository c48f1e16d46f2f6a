import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/**
 * Asks at the terminal for a line that is not shown while it is typed.
 *
 * @param signal ends the wait
 * @returns the line; empty when it was ended, also by the keys for that
 */
export async function askSecret(question: string, signal: AbortSignal): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: hidden, terminal: true });
  // Only now does the terminal show nothing of what comes.
  process.stderr.write(question);
  try {
    return await lines.question('', { signal });
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') return '';
    throw error;
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
}
