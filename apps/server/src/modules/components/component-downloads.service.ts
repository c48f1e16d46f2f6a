import { COMPONENT_DOWNLOADS_SHOWN, type ComponentDownload } from '@holdfast/api';
import { AppError, isUuid } from '@holdfast/kernel';
import { type Actor, actorNameOf, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import { type JobContext, type JobQueue, type JobResult, parseNoPayload } from '../../platform/jobs/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Caller } from '../directory/index.ts';
import { saveCatalogue } from './catalogue.store.ts';
import type { ComponentDeploymentService } from './component-deployment.service.ts';
import { componentFolders } from './component-folders.ts';
import type { ComponentSourceService } from './component-sources.service.ts';
import { ComponentsError, createFolderMissing } from './components.errors.ts';
import {
  deleteOldDownloads,
  endAbandonedDownloads,
  findUnfinishedDownload,
  insertDownload,
  listDownloads,
  saveFailure,
  saveProgress,
  saveSuccess,
} from './downloads.store.ts';
import { mirrorRepository, type MirrorProgress } from './repository-mirror.ts';
import { renewRepositories } from './repository-renewal.ts';
import { findRepository, listSources, lockSources, saveServed } from './sources.store.ts';

export type DownloadPlatform = Pick<
  Platform,
  'database' | 'clock' | 'log' | 'jobs' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

interface DownloadPayload {
  readonly downloadId: string;
}

/** With the waits between them a source may be away for hours. */
const MAX_ATTEMPTS = 6;
const BACK_OFF = { firstMs: 60_000, longestMs: 60 * 60_000 };
const ONE_AT_A_TIME = 'download';
const PROGRESS_INTERVAL_MS = 1_000;
const HISTORY_KEPT_MS = 90 * 86_400_000;

/** Gets from the sources what is new. Each download is a job: it survives a restart, waits after a failure, and goes on where it was. */
export class ComponentDownloadService {
  readonly #platform: DownloadPlatform;
  readonly #sources: ComponentSourceService;
  readonly #folder: string | undefined;
  readonly #deployment: Pick<ComponentDeploymentService, 'begin'>;
  readonly #queue: JobQueue<DownloadPayload>;

  constructor({
    platform,
    ...parts
  }: {
    readonly platform: DownloadPlatform;
    readonly sources: ComponentSourceService;
    readonly deployment: Pick<ComponentDeploymentService, 'begin'>;
    readonly folder: string | undefined;
  }) {
    this.#platform = platform;
    this.#sources = parts.sources;
    this.#deployment = parts.deployment;
    this.#folder = parts.folder;
    this.#queue = platform.jobs.register<DownloadPayload>({
      kind: 'components.download',
      title: 'Download components',
      description:
        'Fetches new releases from the sources and verifies them. When it fails, devices keep what they have, and after some days they can tell no more whether it is the newest.',
      maxAttempts: MAX_ATTEMPTS,
      backOff: BACK_OFF,
      parsePayload: parseDownloadPayload,
      run: async (context) => await this.#run(context),
    });
    platform.jobs.register({
      kind: 'components.renew',
      title: 'Renew metadata of components',
      description:
        'Signs the time of metadata anew in folders for which this server has a key. When it fails for two days, devices cannot tell any more whether what they have is the newest, and take nothing new.',
      schedule: { cron: '13 */6 * * *' },
      parsePayload: parseNoPayload,
      run: async ({ signal }) => await this.#renew(signal),
    });
    platform.jobs.registerPruning({
      what: 'old downloads of components',
      prune: async (now) =>
        await deleteOldDownloads(platform.database, new Date(now.getTime() - HISTORY_KEPT_MS)),
    });
  }

  async list(actor: Actor): Promise<ComponentDownload[]> {
    requirePermission(actor, 'components:read');
    return await listDownloads(this.#platform.database, COMPONENT_DOWNLOADS_SHOWN);
  }

  /** @throws ComponentsError COMPONENT_ROOT_MISSING, COMPONENT_SOURCES_MISSING, COMPONENT_FOLDER_MISSING */
  async start({ actor, request }: Caller): Promise<ComponentDownload> {
    requirePermission(actor, 'components:manage');
    const { database, recordAuditEntry } = this.#platform;
    return await inTransaction(database, async (transaction) => {
      const { download, isNew } = await this.request(transaction, actorNameOf(actor));
      if (isNew)
        await recordAuditEntry(
          transaction,
          actor,
          {
            action: 'component-download.requested',
            objectKind: 'component-download',
            objectId: download.id,
            objectName: download.requestedAt,
          },
          request,
        );
      return download;
    });
  }

  /**
   * Asks for a download with the transaction of whoever wants one; the one that waits or runs already will do as well.
   *
   * @throws as `start`
   */
  async request(
    transaction: Transaction,
    requestedBy: string,
  ): Promise<{ readonly download: ComponentDownload; readonly isNew: boolean }> {
    if (this.#folder === undefined) throw createFolderMissing();
    const { clock, createId } = this.#platform;
    await lockSources(transaction);
    if ((await findRepository(transaction)) === undefined)
      throw new ComponentsError('COMPONENT_ROOT_MISSING', 'Nobody has said whose signatures count.', {
        remedy: 'Look at a source, and trust its root.',
      });
    if ((await listSources(transaction)).length === 0)
      throw new ComponentsError('COMPONENT_SOURCES_MISSING', 'There is no source to download from.', {
        remedy: 'Add one.',
      });
    const id = createId();
    const now = new Date(clock.now());
    const jobId = await this.#queue.enqueue(
      transaction,
      { downloadId: id },
      { uniqueKey: ONE_AT_A_TIME, requestedBy },
    );
    if (jobId === undefined) {
      const download = await findUnfinishedDownload(transaction);
      if (download !== undefined) return { download, isNew: false };
      throw new ComponentsError('COMPONENT_DOWNLOAD_ENDING', 'A download ends at this moment.', {
        retry: 'safe',
        remedy: 'Ask again in a moment.',
      });
    }
    await endAbandonedDownloads(transaction, now);
    return {
      download: await insertDownload(transaction, { id, requestedBy, requestedAt: now }),
      isNew: true,
    };
  }

  /** What was renewed is served with the next download, which follows at once, also where other folders failed. */
  async #renew(signal: AbortSignal): Promise<JobResult> {
    const { database, clock, log } = this.#platform;
    const { renewed, unnamed, failures } = await renewRepositories(await this.#sources.listRenewed(), {
      clock,
      signal,
    });
    if (renewed > 0)
      await inTransaction(database, async (transaction) => {
        if ((await findRepository(transaction)) !== undefined) await this.request(transaction, 'Renewal');
      });
    for (const { name, error } of failures)
      log.warn({ err: error, source: name }, 'the folder of a source was not renewed');
    const [failure] = failures;
    if (failure !== undefined) throw failure.error;
    return { 'folders renewed': renewed, 'folders whose root does not name the key': unnamed };
  }

  async #run(context: JobContext<DownloadPayload>): Promise<JobResult | void> {
    const { signal, attempt, payload } = context;
    try {
      return await this.#download(context);
    } catch (error) {
      // The job was cancelled, or another process goes on with it.
      if (signal.aborted) throw error;
      await this.#recordFailure(payload.downloadId, error, attempt);
      throw error;
    }
  }

  async #download({
    payload: { downloadId },
    signal,
    reportProgress,
    complete,
  }: JobContext<DownloadPayload>): Promise<void> {
    const { database, clock, recordEvents } = this.#platform;
    const repository = await findRepository(database);
    if (this.#folder === undefined || repository === undefined) throw createFolderMissing();
    const sources = await this.#sources.openAll();
    const writer = this.#createProgressWriter(downloadId);
    try {
      const { catalogue, sourceName } = await mirrorRepository({
        folders: componentFolders(this.#folder),
        firstRoot: repository.firstRoot,
        sources,
        clock,
        signal,
        onProgress: (progress) => {
          const { doneBytes: done, totalBytes: total } = progress;
          reportProgress({ done, total, text: progress.sourceName });
          writer.note(progress);
        },
      });
      await writer.settled();
      await inTransaction(database, async (transaction) => {
        const now = new Date(clock.now());
        const released = await saveCatalogue(transaction, catalogue, now);
        await this.#deployment.begin(transaction, released, now);
        await saveServed(transaction, {
          expiresAt: new Date(catalogue.expiresAtMs),
          catalogueVersion: catalogue.versions.snapshot,
        });
        await saveSuccess(transaction, downloadId, {
          newReleases: released.length,
          sourceName,
          endedAt: now,
        });
        await recordEvents(transaction, [
          ...released.map(({ componentId, title, release, version, isUrgent }) => ({
            type: 'component.released' as const,
            objectId: componentId,
            data: { title, release, version, isUrgent },
          })),
          {
            type: 'component-download.ended' as const,
            objectId: downloadId,
            data: { newReleases: released.length, errorCode: null },
          },
        ]);
        await complete(transaction, { 'new releases': released.length, source: sourceName });
      });
    } finally {
      await writer.settled();
      for (const source of sources) source.close();
    }
  }

  async #recordFailure(downloadId: string, error: unknown, attempt: number): Promise<void> {
    const { database, clock, recordEvents } = this.#platform;
    const isExpected = error instanceof AppError;
    const isLast = attempt >= MAX_ATTEMPTS || (isExpected && error.retry === 'never');
    const code = isExpected ? error.code : 'INTERNAL_ERROR';
    await inTransaction(database, async (transaction) => {
      await saveFailure(transaction, downloadId, {
        code,
        message: isExpected ? error.message : 'The log of the server says what happened.',
        endedAt: isLast ? new Date(clock.now()) : null,
      });
      if (isLast)
        await recordEvents(transaction, {
          type: 'component-download.ended',
          objectId: downloadId,
          data: { newReleases: 0, errorCode: code },
        });
    });
  }

  /** At most one statement at a time, and one a second. */
  #createProgressWriter(downloadId: string): {
    note(progress: MirrorProgress): void;
    settled(): Promise<void>;
  } {
    const { database, clock, log } = this.#platform;
    let writtenAt = Number.NEGATIVE_INFINITY;
    let writing: Promise<void> = Promise.resolve();
    let isWriting = false;
    return {
      note(progress) {
        if (isWriting || clock.monotonic() - writtenAt < PROGRESS_INTERVAL_MS) return;
        isWriting = true;
        writtenAt = clock.monotonic();
        writing = saveProgress(database, downloadId, progress)
          // What is shown lags; the download does not depend on it.
          .catch((error: unknown) => log.warn({ err: error }, 'the progress of a download was not written'))
          .finally(() => {
            isWriting = false;
          });
      },
      settled: async () => await writing,
    };
  }
}

/** @throws TypeError */
function parseDownloadPayload(stored: unknown): DownloadPayload {
  if (typeof stored === 'object' && stored !== null && 'downloadId' in stored) {
    const { downloadId } = stored;
    if (typeof downloadId === 'string' && isUuid(downloadId)) return { downloadId };
  }
  throw new TypeError('"payload" expected the id of a download');
}
