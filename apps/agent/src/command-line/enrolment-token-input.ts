import { createReadStream } from 'node:fs';
import { limits } from '@holdfast/protocol';
import { UsageError } from './command-line.errors.ts';

export interface TokenSources {
  /** The argument: a token, `-`, or nothing. */
  readonly argument: string | undefined;
  readonly tokenFile: string | undefined;
  readonly standardInput: AsyncIterable<Buffer | string>;
  /** Where standard input is a terminal: asks without showing what is typed. */
  readonly askSecret?: (question: string) => Promise<string>;
}

/** Twice the longest token: room for blanks and a line end around it, and never an unbounded read. */
const MAX_CHARACTERS = 2 * limits.maxEnrolmentTokenCharacters;

/**
 * The token's text from wherever it was given. Standard input and a file keep it out of the list of processes, which
 * every user of the computer can read.
 *
 * @throws UsageError USAGE
 */
export async function readEnrolmentToken({
  argument,
  tokenFile,
  standardInput,
  askSecret,
}: TokenSources): Promise<string> {
  if (argument !== undefined && argument !== '-') return argument;
  if (argument === '-') {
    return await readFirstLine(
      askSecret === undefined ? standardInput : [await askSecret('Enrolment token: ')],
    );
  }
  if (tokenFile === undefined) {
    throw new UsageError(
      'No enrolment token was given: name it, "-" for standard input, or HOLDFAST_AGENT_TOKEN_FILE.',
    );
  }
  try {
    return await readFirstLine(createReadStream(tokenFile));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`The token file ${tokenFile} cannot be read.`);
  }
}

/** A terminal never ends its input, so the first line is all. */
async function readFirstLine(input: AsyncIterable<Buffer | string> | readonly string[]): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    const [first = '', rest] = text.trimStart().split('\n', 2);
    if (rest !== undefined) return first.trim();
    if (text.length > MAX_CHARACTERS)
      throw new UsageError('What was given is too long for an enrolment token.');
  }
  if (text.trim() === '') throw new UsageError('The enrolment token is empty.');
  return text.trim();
}
