import { setTimeout as delay } from 'node:timers/promises';
import { type ApiClient, type ComponentDownload, listComponentDownloads } from '@holdfast/api';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { formatBytes } from './device-text.ts';

const pollIntervalMs = 500;

/** A download that failed is tried again later: whoever waits is told of the first failure. */
export async function waitForDownload(
  { context }: CommandTools,
  client: ApiClient,
  asked: ComponentDownload,
): Promise<ComponentDownload> {
  const progress = createProgress(context);
  const wait = context.wait ?? delay;
  let download = asked;
  while (download.endedAt === null && (download.state === 'running' || download.error === null)) {
    const { doneBytes, totalBytes } = download;
    progress.update(doneBytes, totalBytes ?? 0, textOf(download));
    await wait(pollIntervalMs);
    const { downloads } = await client.call(listComponentDownloads, {});
    download = downloads.find(({ id }) => id === asked.id) ?? download;
  }
  progress.end();
  return download;
}

function textOf({ state, doneBytes, totalBytes, sourceName }: ComponentDownload): string {
  if (state === 'waiting') return 'waiting';
  const amount =
    totalBytes === null ? formatBytes(doneBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`;
  return sourceName === null ? amount : `${amount} from ${sourceName}`;
}
