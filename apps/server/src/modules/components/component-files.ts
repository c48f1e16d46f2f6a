import { performance } from 'node:perf_hooks';
import {
  createFileServer,
  createServedFolder,
  type FileRefusal,
  type FileServer,
  type TransferRates,
} from '@holdfast/components/transfer';
import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { writeProblem } from '../../platform/http/error-answers.ts';
import { HttpError } from '../../platform/http/http.errors.ts';
import { toProblem } from '../../platform/http/problem.ts';
import { componentFolders } from './component-folders.ts';
import { ComponentsError } from './components.errors.ts';
import { ratesUnderLoad } from './transfer-rates.ts';

const LOOK_INTERVAL_MS = 1_000;

/** Serves the repository to products, slower while the server has much else to do. */
export function createComponentFiles({
  folder,
  rates,
  clock,
  log,
}: {
  readonly folder: string;
  /** What is set. */
  readonly rates: () => TransferRates;
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
      return ratesUnderLoad(rates(), busyPart);
    },
    refuse(response, refusal) {
      const requestId = String(response.getHeader('x-request-id') ?? '');
      writeProblem(response, toProblem(toError(refusal), requestId), requestId);
    },
    onFault: (error, path) => log.error({ err: error, path }, 'a file of components cannot be read'),
  });
}

/** As every other refusal of this server. */
function toError({ code, title, headers }: FileRefusal): Error {
  switch (code) {
    case 'FILE_NOT_FOUND':
      return new ComponentsError('COMPONENT_FILE_NOT_FOUND', title);
    case 'RATE_LIMITED':
    case 'SERVER_BUSY':
      return new HttpError(code, title, {
        retry: 'safe',
        retryAfterMs: Number(headers?.['retry-after'] ?? 1) * 1_000,
        remedy: 'Come back when the time in the header Retry-After has passed.',
      });
    case 'METHOD_NOT_ALLOWED':
    case 'INTERNAL_ERROR':
      return new Error(title);
  }
}
