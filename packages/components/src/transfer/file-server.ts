import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, systemClock } from '@holdfast/kernel';
import { planAnswer } from './answer-plan.ts';
import type { ByteRange } from './byte-range.ts';
import { defaultFileServerLimits, type FileServerLimits, type TransferRates } from './file-server-limits.ts';
import { createRatePacer, type RatePacer, type Wait } from './rate-pacer.ts';
import type { ServedFile, ServedFolder } from './served-folder.ts';
import { createTransferPlaces } from './transfer-places.ts';

/** What was sent of a file, told when it is over. */
export interface SentFile {
  readonly path: string;
  readonly caller: string;
  readonly bytes: number;
  /** False for one that broke off. */
  readonly isComplete: boolean;
}

export interface FileServerOptions {
  readonly folder: ServedFolder;
  readonly limits?: Partial<FileServerLimits>;
  /** Asked for each piece. Absent: no bound. */
  readonly rates?: () => TransferRates;
  readonly clock?: Pick<Clock, 'monotonic'>;
  readonly wait?: Wait;
  readonly onSent?: (sent: SentFile) => void;
  /** Answers in the place of a plain problem of RFC 9457. */
  readonly refuse?: (response: ServerResponse, refusal: FileRefusal) => void;
  /** Told what no caller can help, such as a disk that cannot be read. */
  readonly onFault?: (error: unknown, path: string) => void;
}

export interface FileServer {
  /**
   * Answers one request for the file at a path of the repository. Resolves when the answer is over, however it ended.
   *
   * @param caller whose rate and places count: a product, an address
   */
  answer(
    request: IncomingMessage,
    response: ServerResponse,
    call: { readonly path: string; readonly caller: string },
  ): Promise<void>;
  /** Files that are being sent. */
  readonly running: number;
  /** Ends every download, and every one that begins later: a stop waits for no reader, and readers go on elsewhere. */
  stop(): void;
}

/** Why a file is not sent. */
export interface FileRefusal {
  readonly status: 404 | 405 | 429 | 500 | 503;
  readonly code: 'METHOD_NOT_ALLOWED' | 'FILE_NOT_FOUND' | 'RATE_LIMITED' | 'SERVER_BUSY' | 'INTERNAL_ERROR';
  readonly title: string;
  /** Among them `retry-after`, for whoever is to come back. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends files by ranges, piece by piece: never more of a file in memory than a piece, never a slow reader for good, never more at
 * once than there are places. Reading happens on other threads than the one that answers.
 */
export function createFileServer(options: FileServerOptions): FileServer {
  const {
    folder,
    rates = () => ({}),
    clock = systemClock,
    onSent,
    onFault,
    refuse = refusePlainly,
  } = options;
  const limits = { ...defaultFileServerLimits, ...options.limits };
  const places = createTransferPlaces(limits);
  const pacer = createRatePacer({ rates, clock, wait: options.wait ?? waitInTime });
  const responses = new Set<ServerResponse>();
  let isStopped = false;

  return {
    get running() {
      return places.taken;
    },
    stop() {
      isStopped = true;
      for (const response of responses) response.destroy();
    },
    async answer(request, response, { path, caller }) {
      if (isStopped) response.destroy();
      if (response.destroyed) return;
      const over = new AbortController();
      response.once('close', () => {
        responses.delete(response);
        over.abort(new Error('The reader is gone.'));
      });
      responses.add(response);
      try {
        // Sent ahead of the answer before it: its turn comes when that one is over.
        if (response.socket === null) await once(response, 'socket', { signal: over.signal });
        await respond(request, response, { path, caller, signal: over.signal });
      } catch (error) {
        if (!over.signal.aborted) onFault?.(error, path);
        if (response.headersSent || over.signal.aborted) response.destroy();
        else refuse(response, { status: 500, code: 'INTERNAL_ERROR', title: 'The file cannot be read.' });
      }
    },
  };

  async function respond(
    request: IncomingMessage,
    response: ServerResponse,
    call: { readonly path: string; readonly caller: string; readonly signal: AbortSignal },
  ): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, {
        status: 405,
        code: 'METHOD_NOT_ALLOWED',
        title: 'Files are only read here.',
        headers: { allow: 'GET, HEAD' },
      });
    const file = await folder.open(call.path);
    if (file === undefined)
      return refuse(response, { status: 404, code: 'FILE_NOT_FOUND', title: 'There is no such file.' });
    try {
      const { status, headers, part } = planAnswer(request, file);
      if (part === undefined) return void response.writeHead(status, { ...headers, ...plain }).end();
      const leave = places.take(call.caller, file.sizeBytes);
      if (typeof leave === 'string') return refuse(response, noPlace(leave, limits.retryAfterMs));
      try {
        // At once: where the rate is low, the first piece comes much later.
        response.writeHead(status, { ...headers, ...plain }).flushHeaders();
        await send(response, file, part, call);
      } finally {
        leave();
      }
    } finally {
      await file.handle.close();
    }
  }

  async function send(
    response: ServerResponse,
    file: ServedFile,
    part: ByteRange,
    {
      path,
      caller,
      signal,
    }: { readonly path: string; readonly caller: string; readonly signal: AbortSignal },
  ): Promise<void> {
    const late = setTimeout(() => response.destroy(), limits.maxDurationMs);
    let position = part.start;
    try {
      for await (const piece of piecesOf(file, part, { pacer, caller, signal })) {
        await write(response, piece, limits.stalledMs, signal);
        position += piece.length;
      }
      await finish(response, limits.stalledMs, signal);
    } finally {
      clearTimeout(late);
      onSent?.({ path, caller, bytes: position - part.start, isComplete: position > part.end });
    }
  }
}

const plain = { 'x-content-type-options': 'nosniff' };

/** One buffer for all pieces: the next one is read when the one before has left. */
async function* piecesOf(
  { handle }: ServedFile,
  { start, end }: ByteRange,
  {
    pacer,
    caller,
    signal,
  }: { readonly pacer: RatePacer; readonly caller: string; readonly signal: AbortSignal },
): AsyncGenerator<Buffer> {
  let buffer = Buffer.alloc(0);
  for (let position = start; position <= end; ) {
    const wanted = Math.min(pacer.pieceBytes(), end - position + 1);
    await pacer.take(caller, wanted, signal);
    if (buffer.length < wanted) buffer = Buffer.allocUnsafe(wanted);
    const { bytesRead } = await handle.read(buffer, 0, wanted, position);
    if (bytesRead === 0) throw new Error('The file became shorter while it was sent.');
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** Resolves when the system has taken the bytes. @throws when it does not within the time, or when the reader is gone */
async function write(
  response: ServerResponse,
  piece: Buffer,
  stalledMs: number,
  signal: AbortSignal,
): Promise<void> {
  await within(response, stalledMs, signal, (done) => response.write(piece, done));
}

async function finish(response: ServerResponse, stalledMs: number, signal: AbortSignal): Promise<void> {
  await within(response, stalledMs, signal, (done) => response.end(done));
}

async function within(
  response: ServerResponse,
  stalledMs: number,
  signal: AbortSignal,
  begin: (done: (error?: Error | null) => void) => void,
): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    // What it closes makes the signal speak.
    const stalled = setTimeout(() => response.destroy(), stalledMs);
    const settle = (error?: unknown): void => {
      clearTimeout(stalled);
      signal.removeEventListener('abort', gone);
      if (error === undefined || error === null) resolve();
      else reject(error as Error);
    };
    const gone = (): void => settle(signal.reason);
    signal.addEventListener('abort', gone);
    begin(settle);
  });
}

function noPlace(reason: 'caller-full' | 'all-full', retryAfterMs: number): FileRefusal {
  const headers = { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) };
  return reason === 'caller-full'
    ? { status: 429, code: 'RATE_LIMITED', title: 'You download as many files as you may at once.', headers }
    : { status: 503, code: 'SERVER_BUSY', title: 'As many files are sent as can be at once.', headers };
}

/** A problem of RFC 9457, as everywhere in the protocol. */
function refusePlainly(response: ServerResponse, { status, code, title, headers = {} }: FileRefusal): void {
  const body = JSON.stringify({ type: 'about:blank', title, status, code });
  response
    .writeHead(status, {
      ...headers,
      ...plain,
      'content-type': 'application/problem+json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
    })
    .end(body);
}

async function waitInTime(ms: number, signal: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal });
}
