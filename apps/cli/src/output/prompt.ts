import { createInterface, type Interface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CliError } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';

/** Far more than any answer or API key has. */
const MAX_LINE_BYTES = 65_536;

/**
 * Asks on stderr (stdout belongs to data) and reads one line; without a terminal, the first line of stdin, whether or
 * not a line end follows it.
 *
 * @throws CliError `INPUT_MISSING` when the person ends the question, or stdin has nothing
 */
export async function askLine(context: CliContext, question: string): Promise<string> {
  if (context.stdin.isTTY !== true) return readPipedLine(context.stdin);
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return await ask(lines, question);
  } catch (error) {
    context.stderr.write('\n');
    throw error;
  } finally {
    lines.close();
  }
}

/** Like {@link askLine}, without showing what is typed. */
export async function readSecret(context: CliContext, question: string): Promise<string> {
  if (context.stdin.isTTY !== true) return readPipedLine(context.stdin);
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: context.stdin, output: hidden, terminal: true });
  // Only now does the terminal show nothing of what comes.
  context.stderr.write(question);
  try {
    return await ask(lines, '');
  } finally {
    lines.close();
    context.stderr.write('\n');
  }
}

/** Ctrl-C, Ctrl-D and a terminal that goes away all close the interface; the question ends with it. */
async function ask(lines: Interface, question: string): Promise<string> {
  const closing = new AbortController();
  lines.once('close', () => closing.abort());
  try {
    return (await lines.question(question, { signal: closing.signal })).trim();
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw inputMissing(undefined);
    throw error;
  }
}

async function readPipedLine(stdin: CliContext['stdin']): Promise<string> {
  const line = (await readFirstLine(stdin)).toString('utf8').trim();
  if (line === '') throw inputMissing('Write the answer to standard input, or run this in a terminal.');
  return line;
}

/**
 * Up to the first line end or the end of the input. What follows the line stays for the next question. Whoever
 * writes may keep the pipe open, and this process does not stay for that: a pause alone would not do, because the stream
 * fills its buffer on.
 */
function readFirstLine(stdin: CliContext['stdin']): Promise<Buffer> {
  if (stdin.readableEnded || stdin.destroyed) return Promise.resolve(Buffer.alloc(0));
  return new Promise((resolve, reject) => {
    let line = Buffer.alloc(0);
    const settle = (finish: () => void): void => {
      stdin.off('data', take).off('end', done).off('close', done).off('error', fail).pause();
      stdin.unref?.();
      finish();
    };
    const done = (): void => settle(() => resolve(line));
    const fail = (error: Error): void => settle(() => reject(error));
    const take = (chunk: Buffer | string): void => {
      const bytes = Buffer.from(chunk);
      const end = bytes.indexOf('\n');
      line = Buffer.concat([line, end === -1 ? bytes : bytes.subarray(0, end)]);
      if (end !== -1) {
        done();
        if (end + 1 < bytes.length) stdin.unshift(bytes.subarray(end + 1));
      } else if (line.length > MAX_LINE_BYTES) {
        fail(new CliError('ARGUMENT_INVALID', 'What standard input gave is too long for one line.'));
      }
    };
    stdin.ref?.();
    stdin.on('data', take).on('end', done).on('close', done).on('error', fail).resume();
  });
}

function inputMissing(remedy: string | undefined): CliError {
  return new CliError('INPUT_MISSING', 'Nothing was given.', {
    ...(remedy === undefined ? {} : { remedy }),
  });
}
