import type { IncomingMessage } from 'node:http';
import { parseContentRange } from './byte-range.ts';
import { parseStrongTag } from './entity-tag.ts';
import { changedFile, invalidAnswer, refusedBy, tooLong } from './source-fault.ts';
import type { TransferError } from './transfer.errors.ts';

/** An answer that brings a file from a position on. */
export interface OpenedFile {
  readonly answer: IncomingMessage;
  /** Bytes at its beginning that nobody asked for: not every web server has ranges. */
  readonly skip: number;
  /** True where all of the file was there already: nothing of the answer belongs to it. */
  readonly isAtEnd: boolean;
  /** Of the whole file, where the source says it. */
  readonly sizeBytes: number | undefined;
  /** By which the source recognises the file. */
  readonly tag: string | undefined;
}

export interface WantedPart {
  readonly url: URL;
  readonly position: number;
  /** Bytes that may come from the position on. */
  readonly limit: number;
  /** What the same download got before it broke off. */
  readonly before: OpenedFile | undefined;
}

/**
 * What the head of an answer promises, held against what was asked for.
 *
 * @returns undefined where the source does not have the file
 * @throws TransferError
 */
export function readHead(answer: IncomingMessage, wanted: WantedPart): OpenedFile | undefined {
  const judged = judge(answer, wanted);
  if (judged instanceof Error || judged === undefined) answer.destroy();
  if (judged instanceof Error) throw judged;
  return judged;
}

type Described = Pick<OpenedFile, 'skip' | 'isAtEnd' | 'sizeBytes'>;

function judge(answer: IncomingMessage, wanted: WantedPart): OpenedFile | TransferError | undefined {
  const { url, position, limit, before } = wanted;
  const { statusCode, headers } = answer;
  if (statusCode === 404 || statusCode === 410) return undefined;
  if (statusCode !== 200 && statusCode !== 206 && statusCode !== 416) return refusedBy(url, answer);
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    return invalidAnswer(url, 'The source sends the file compressed.');
  const described = statusCode === 200 ? describeWhole(answer, position) : describePart(answer, wanted);
  if (described instanceof Error) return described;
  const opened = { answer, tag: parseStrongTag(headers.etag), ...described };
  if (before !== undefined && !isSame(before, opened)) return changedFile(url);
  // What nobody would read to its end is not begun.
  if (opened.sizeBytes !== undefined && opened.sizeBytes - position > limit) return tooLong(url, limit);
  return opened;
}

function describeWhole({ headers }: IncomingMessage, position: number): Described {
  const length = headers['content-length'];
  return { skip: position, isAtEnd: false, sizeBytes: length === undefined ? undefined : Number(length) };
}

/** RFC 9110, section 15.3.7: what has come must be what was asked for, whatever the status says. */
function describePart(
  { statusCode, headers }: IncomingMessage,
  { url, position }: WantedPart,
): Described | TransferError {
  const said = parseContentRange(headers['content-range']);
  if (said === undefined || position === 0)
    return invalidAnswer(url, 'The source sends a part that nobody asked for.');
  const { range, sizeBytes } = said;
  // All of it was there already: what follows is an empty rest, if it is the same file.
  if (statusCode === 416)
    return sizeBytes === position ? { skip: 0, isAtEnd: true, sizeBytes } : changedFile(url);
  if (range?.start !== position || range.end !== sizeBytes - 1)
    return invalidAnswer(url, 'The source sends another part than was asked for.');
  const length = headers['content-length'];
  if (length !== undefined && Number(length) !== sizeBytes - position)
    return invalidAnswer(url, 'The source says two lengths of one part.');
  return { skip: 0, isAtEnd: false, sizeBytes };
}

function isSame(before: OpenedFile, now: OpenedFile): boolean {
  const isOfSameSize =
    before.sizeBytes === undefined || now.sizeBytes === undefined || before.sizeBytes === now.sizeBytes;
  return isOfSameSize && (before.tag === undefined || before.tag === now.tag);
}
