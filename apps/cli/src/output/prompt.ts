import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { CliContext } from '../context.ts';

/** Asks on stderr (stdout belongs to data) and reads one line; without a terminal, the first line of stdin. */
export async function askLine(context: CliContext, question: string): Promise<string> {
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return (await lines.question(context.stdin.isTTY === true ? question : '')).trim();
  } finally {
    lines.close();
  }
}

/** Like {@link askLine}, without showing what is typed. */
export async function readSecret(context: CliContext, question: string): Promise<string> {
  if (context.stdin.isTTY !== true) return askLine(context, '');
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: context.stdin, output: hidden, terminal: true });
  // Only now does the terminal show nothing of what comes.
  context.stderr.write(question);
  try {
    return (await lines.question('')).trim();
  } finally {
    lines.close();
    context.stderr.write('\n');
  }
}
