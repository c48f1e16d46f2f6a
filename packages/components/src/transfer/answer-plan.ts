import { type ByteRange, parseByteRange } from './byte-range.ts';
import { holdsTag, parseStrongTag } from './entity-tag.ts';

/** What of a request decides how a file is answered. */
export interface FileRequest {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface AnswerPlan {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** What of the file is sent; undefined: nothing. */
  readonly part: ByteRange | undefined;
}

/**
 * How a request for a file is answered, in the order of RFC 9110, section 13.2.2. Pure.
 *
 * @param file its size in bytes, and the SHA-256 of its content in hexadecimal, which is its tag
 */
export function planAnswer(
  { method, headers }: FileRequest,
  { sizeBytes, sha256 }: { readonly sizeBytes: number; readonly sha256: string },
): AnswerPlan {
  const etag = `"${sha256}"`;
  const always = { etag, 'accept-ranges': 'bytes', 'cache-control': 'no-cache, no-transform' };
  const ifMatch = single(headers['if-match']);
  if (ifMatch !== undefined && !holdsTag(ifMatch, etag, 'strong'))
    return { status: 412, headers: { 'content-length': '0' }, part: undefined };
  const ifNoneMatch = single(headers['if-none-match']);
  if (ifNoneMatch !== undefined && holdsTag(ifNoneMatch, etag, 'weak'))
    return { status: 304, headers: always, part: undefined };
  const range = parseByteRange(wantedRange(method, headers, etag), sizeBytes);
  if (range === 'unsatisfiable')
    return {
      status: 416,
      headers: { ...always, 'content-range': `bytes */${sizeBytes}`, 'content-length': '0' },
      part: undefined,
    };
  const whole = sizeBytes === 0 ? undefined : { start: 0, end: sizeBytes - 1 };
  const part = range === 'whole' ? whole : range;
  return {
    status: range === 'whole' ? 200 : 206,
    headers: {
      ...always,
      'content-type': 'application/octet-stream',
      'content-length': String(part === undefined ? 0 : part.end - part.start + 1),
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${range.start}-${range.end}/${sizeBytes}` }),
    },
    // Section 9.3.2: the head of what GET would answer.
    part: method === 'HEAD' ? undefined : part,
  };
}

/** Section 14.2: only GET has ranges. Section 13.1.5: a part only of the very file that the caller has the rest of. */
function wantedRange(
  method: string | undefined,
  headers: FileRequest['headers'],
  etag: string,
): string | undefined {
  if (method !== 'GET') return undefined;
  const ifRange = single(headers['if-range']);
  return ifRange === undefined || parseStrongTag(ifRange) === etag ? single(headers['range']) : undefined;
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
