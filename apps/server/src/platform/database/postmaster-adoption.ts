import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import type { ConnectionSettings } from './connection-settings.ts';
import { connectOnce } from './database.ts';
import { cutConnection } from './cut-connection.ts';
import { findLivingPostmaster, findPostmasterPid } from './postmaster-pid.ts';

const ANSWER_LIMIT_MS = 3_000;
const ATTEMPTS = 3;
const PAUSE_MS = 250;

/**
 * Whether the running postmaster may be taken over as it is: it takes our password, answers, and was started
 * with full durability. One that still recovers from a crash is waited for.
 */
export async function isServingDurably(
  supervisor: ConnectionSettings,
  dataFolder: string,
  clock: Clock,
  startLimitMs: number,
): Promise<boolean> {
  const deadline = clock.monotonic() + startLimitMs;
  for (let attempt = 1; attempt <= ATTEMPTS; ) {
    const stated = await findPostmasterPid(dataFolder);
    if ((await findLivingPostmaster(dataFolder)) === undefined || stated?.status === 'stopping') return false;
    if (stated?.status === 'starting' && clock.monotonic() < deadline) {
      await delay(PAUSE_MS);
      continue;
    }
    const answer = await askDurability(supervisor);
    if (answer !== undefined) return answer;
    attempt += 1;
    await delay(PAUSE_MS);
  }
  return false;
}

/** Undefined when there is no answer in time. */
async function askDurability(supervisor: ConnectionSettings): Promise<boolean | undefined> {
  let client: Awaited<ReturnType<typeof connectOnce>> | undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    const session = {
      applicationName: 'holdfast-supervisor',
      statementTimeoutMs: ANSWER_LIMIT_MS,
      connectTimeoutMs: ANSWER_LIMIT_MS,
    };
    const opened = await connectOnce(supervisor, session);
    client = opened;
    timer = setTimeout(() => cutConnection(opened), ANSWER_LIMIT_MS);
    const { rows } = await opened.query<{ is_durable: boolean }>(
      `select current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on'
         and current_setting('synchronous_commit') = 'on' as is_durable`,
    );
    await opened.end();
    return rows[0]?.is_durable === true;
  } catch {
    // Whatever the reason, it is no database that we can use; the caller stops it and starts a new one.
    if (client !== undefined) cutConnection(client);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
