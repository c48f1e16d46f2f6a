/**
 * An agent of which there is only this module: for tests that put one on each computer of a LAN.
 *
 * `node active-agent.test-process.ts PRODUCT-NUMBER HOME SERVER-ORIGIN` writes `{ isActive, revision, sentBytes }` as a line of JSON for
 * each change. Its list of what there is stands at SERVER-ORIGIN/metadata/list.json and is believed as if it were signed. A number on the
 * standard input is what the server says with a heartbeat.
 */
import { createSecretKey } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type FileSource, fetchTarget } from '@holdfast/components/client';
import { createHttpSource } from '@holdfast/components/transfer';
import { systemClock } from '@holdfast/kernel';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createActiveAgent } from './active-agent.service.ts';
import { deriveLanKey } from './lan/lan-key.ts';
import type { VouchedFile } from './sharing/file-cache.ts';

interface PublishedList {
  readonly revision: number;
  readonly path: string;
  readonly file: VouchedFile;
}

const [productNumber = '1', home = '', origin = ''] = process.argv.slice(2);
const server: FileSource = createHttpSource({ name: 'the server', base: `${origin}/` });
const keys = [deriveLanKey(createSecretKey(Buffer.alloc(32, 5)))];
let list: PublishedList | undefined;
let revision = 0;
let sentBytes = 0;

async function readList(signal: AbortSignal): Promise<PublishedList> {
  const bytes = await server.open('metadata/list.json', { from: 0, limit: 10_000, signal });
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes ?? []) chunks.push(chunk);
  // The test has written it.
  return JSON.parse(Buffer.concat(chunks).toString()) as PublishedList;
}

const say = (): void => {
  const isActive = activeAgent.view.segments.some((segment) => segment.isActive);
  process.stdout.write(`${JSON.stringify({ isActive, revision, sentBytes })}\n`);
};

const activeAgent = createActiveAgent({
  productNumber: Number(productNumber),
  settings: {
    current: () => ({
      isOn: true,
      keys,
      isOptedOut: false,
      isPinned: false,
      windowMs: 0,
      maxUploads: 5,
      maxUploadBytesPerS: 0,
      maxCacheBytes: 2 ** 28,
      hints: [],
    }),
    listen: () => () => undefined,
  },
  updates: {
    get revision() {
      return revision;
    },
    urgentRevision: 0,
    readMetadata: async () => new Map(),
    findVouched: (path) => (path === list?.path ? list.file : undefined),
    update: async (sources, signal) => {
      list = await readList(signal);
      const into = join(home, `release-${list.revision}`);
      await fetchTarget({
        target: { path: list.path, ...list.file },
        sources,
        into,
        location: list.path,
        signal,
      });
      revision = list.revision;
      say();
      return { revision };
    },
    listen: () => () => undefined,
  },
  server,
  isServerReached: () => true,
  home,
  platform: process.platform,
  run: async () => undefined,
  findInterfaces: networkInterfaces,
  onSent: ({ bytes }) => {
    sentBytes += bytes;
    say();
  },
  clock: systemClock,
  random: Math.random,
  log: createSilentLog(),
});
process.stdin.on('data', (bytes: Buffer) => activeAgent.noteServerWord(Number(bytes.toString().trim()), 0));
process.stdin.on('end', () => {
  activeAgent.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  );
});
activeAgent.start();
setInterval(say, 200);
