import { performance } from 'node:perf_hooks';
import { createFileServer, createServedFolder, type FileServer } from '@holdfast/components/transfer';
import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { componentFolders } from './component-folders.ts';
import { ratesUnderLoad } from './transfer-rates.ts';

const LOOK_INTERVAL_MS = 1_000;

/** Serves the repository to products, slower while the server has much else to do. */
export function createComponentFiles({
  folder,
  clock,
  log,
}: {
  readonly folder: string;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Logger;
}): FileServer {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let before = performance.eventLoopUtilization();
  let busyPart = 0;
  return createFileServer({
    folder: createServedFolder(componentFolders(folder).repository),
    clock,
    rates() {
      const now = clock.monotonic();
      if (now - lookedAt >= LOOK_INTERVAL_MS) {
        const seen = performance.eventLoopUtilization();
        busyPart = performance.eventLoopUtilization(seen, before).utilization;
        before = seen;
        lookedAt = now;
      }
      return ratesUnderLoad({}, busyPart);
    },
    onFault: (error, path) => log.error({ err: error, path }, 'a file of components cannot be read'),
  });
}
