import { randomInt } from 'node:crypto';
import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, hasCode, systemClock } from '@holdfast/kernel';
import { getHead } from './http-exchange.ts';
import { defaultHttpSourceLimits, type HttpSourceLimits } from './http-source-limits.ts';
import { type OpenedFile, readHead } from './opened-file.ts';
import { createProgressWatch, type ProgressWatch } from './progress-watch.ts';
import { isRepositoryPath } from './repository-path.ts';
import { brokeOff, changedFile, tooLong, tooSlow } from './source-fault.ts';
import { TransferError } from './transfer.errors.ts';

/** A proxy of HTTP: plain requests go by it, those over TLS through a tunnel that it makes. */
export interface SourceProxy {
  /** `http://HOST:PORT` or `https://HOST:PORT`. */
  readonly url: string;
  readonly userName?: string;
  readonly password?: string;
}

export interface HttpSourceOptions {
  /** For messages. */
  readonly name: string;
  /** What paths are appended to: `https://HOST[:PORT][/FOLDER]`, without credentials, query and fragment. */
  readonly base: string;
  /** PEM of the only authorities that are trusted; absent: those of the system. */
  readonly authorities?: string | readonly string[];
  /** In the place of an agent of its own: how connections are made, trusted and kept is then its business. */
  readonly agent?: PlainAgent;
  readonly proxy?: SourceProxy;
  /** Of each request, such as `authorization`; asked each time, because a token ends. Never sent to where a redirect leads. */
  readonly headers?: () => Promise<Readonly<Record<string, string>>>;
  readonly limits?: Partial<HttpSourceLimits>;
  readonly clock?: Pick<Clock, 'monotonic'>;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

/** Where files of a repository come from, by HTTP. */
export interface HttpSource {
  readonly name: string;
  /**
   * The bytes of a file from an offset on; undefined when the source does not have it. A connection that breaks is taken up again
   * where it broke, with the very same file.
   *
   * @param options `limit`: bytes that may come from the offset on
   * @throws TransferError, also while it is read; the reason of the signal when that aborts
   */
  open(
    path: string,
    options: { readonly from: number; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Ends connections that are kept. */
  close(): void;
}

interface Download {
  readonly url: URL;
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly watch: ProgressWatch;
}

/** @throws TypeError for a base that is no address of a folder */
export function createHttpSource(options: HttpSourceOptions): HttpSource {
  const { name, headers = async () => ({}), clock = systemClock, random = drawFraction } = options;
  const base = parseBase(options.base);
  const limits = { ...defaultHttpSourceLimits, ...options.limits };
  const ownAgent = options.agent === undefined ? createAgent(base, options) : undefined;
  const agent = options.agent ?? ownAgent ?? false;

  return {
    name,
    close: () => ownAgent?.destroy(),
    async open(path, { from, limit, signal }) {
      if (!isRepositoryPath(path))
        throw new TransferError('REPOSITORY_PATH_INVALID', 'The path is none of a file in a repository.');
      const url = new URL(path, base);
      const watch = createProgressWatch({ ...limits, clock });
      const download = { url, limit, signal, watch };
      const first = await askPatiently(download, { position: from, before: undefined });
      return first === undefined ? undefined : read(download, first, from);
    },
  };

  /** Waits, as far as patience goes, for a source that says it is busy. */
  async function askPatiently(
    download: Download,
    place: { readonly position: number; readonly before: OpenedFile | undefined },
  ): Promise<OpenedFile | undefined> {
    for (let patienceMs = limits.busyPatienceMs; ; ) {
      try {
        return await ask(download, place);
      } catch (error) {
        if (!hasCode(error, 'SOURCE_BUSY')) throw error;
        const wantedMs = Number((error as TransferError).facts['retryAfterMs']);
        // Never at once, and not all who were told the same at the same moment.
        const waitMs = Math.max(100, wantedMs) * (1 + random() / 2);
        if (waitMs > patienceMs) throw error;
        patienceMs -= waitMs;
        await pause(waitMs, undefined, { signal: download.signal });
      }
    }
  }

  async function ask(
    { url, limit, signal }: Download,
    { position, before }: { readonly position: number; readonly before: OpenedFile | undefined },
  ): Promise<OpenedFile | undefined> {
    const answer = await getHead({
      url,
      agent,
      signal,
      headTimeoutMs: limits.headTimeoutMs,
      maxRedirects: limits.maxRedirects,
      origin: base.origin,
      ownHeaders: await headers(),
      headers: {
        // What is compressed on the way has other offsets.
        'accept-encoding': 'identity',
        ...(position === 0 ? {} : { range: `bytes=${position}-` }),
        ...(position === 0 || before?.tag === undefined ? {} : { 'if-range': before.tag }),
      },
    });
    return readHead(answer, { url, position, limit, before });
  }

  async function* read(download: Download, first: OpenedFile, from: number): AsyncGenerator<Uint8Array> {
    const { url, limit, signal, watch } = download;
    let before = first;
    let opened: OpenedFile | undefined = first;
    let position = from;
    for (let breaks = 0, brokenAt = from; ; ) {
      try {
        before = opened ?? (await takeUp(download, { position, before }));
        opened = undefined;
        for await (const chunk of chunksOf(before, download)) {
          if (position + chunk.length - from > limit) throw tooLong(url, limit);
          position += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        // What the other side said is final; what broke is not.
        if (error instanceof TransferError && error.code !== 'SOURCE_UNREACHABLE') throw error;
        // A long download over a bad line may break as often as it likes, as long as it goes on in between.
        breaks = position - brokenAt >= limits.minWindowBytes ? 1 : breaks + 1;
        brokenAt = position;
        if (breaks > limits.maxBreaks) throw brokeOff(url, error);
        const pauseMs = pauseAfter(breaks);
        await watch.during(
          async () => await pause(pauseMs, undefined, { signal }),
          () => undefined, // The next wait is late then.
        );
      }
    }
  }

  /** The rest of the same file. */
  async function takeUp(
    download: Download,
    place: { readonly position: number; readonly before: OpenedFile },
  ): Promise<OpenedFile> {
    const again = await askPatiently(download, place);
    if (again === undefined) throw changedFile(download.url);
    return again;
  }

  function pauseAfter(breaks: number): number {
    return limits.breakPauseMs * 2 ** (breaks - 1) * (0.5 + random() / 2);
  }
}

/** The bytes of one answer, without those that come before the ones that were asked for. */
async function* chunksOf(
  { answer, skip, isAtEnd }: OpenedFile,
  { url, watch }: Download,
): AsyncGenerator<Uint8Array> {
  const chunks = (answer as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let left = skip;
  try {
    while (!isAtEnd) {
      const next = await watch.during(
        async () => await chunks.next(),
        () => void answer.destroy(tooSlow(url)),
      );
      if (next.done === true) return;
      watch.came(next.value.length);
      const skipped = Math.min(left, next.value.length);
      left -= skipped;
      if (skipped < next.value.length) yield next.value.subarray(skipped);
    }
  } finally {
    answer.destroy();
  }
}

function drawFraction(): number {
  return randomInt(2 ** 32) / 2 ** 32;
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!isPlain) throw new TypeError('base must be an address like https://HOST/FOLDER without credentials');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function createAgent(base: URL, { authorities, proxy }: HttpSourceOptions): PlainAgent {
  const proxyEnv = proxy === undefined ? undefined : addressOf(proxy);
  const kept = {
    keepAlive: true,
    maxSockets: 8,
    maxFreeSockets: 1,
    // Only what is said here: the environment of the process has no part in it.
    ...(proxyEnv === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxyEnv, HTTPS_PROXY: proxyEnv } }),
  };
  if (base.protocol === 'http:') return new PlainAgent(kept);
  return new TlsAgent({
    ...kept,
    // These replace the system's list; they are not added to it.
    ...(authorities === undefined ? {} : { ca: authorities as string | string[] }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
}

function addressOf({ url, userName, password }: SourceProxy): string {
  const address = new URL(url);
  if (userName !== undefined) address.username = encodeURIComponent(userName);
  if (password !== undefined) address.password = encodeURIComponent(password);
  return address.href;
}
