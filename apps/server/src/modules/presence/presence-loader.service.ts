import type { Database } from '../../platform/database/database.ts';
import type { PresenceEngine } from './presence-engine.ts';
import { findLastProductNumber, readRememberedPage } from './presence.store.ts';
import { decodeRememberedPage } from './remembered-page.ts';

/** Product numbers of one page: some megabytes of text. */
const PAGE_SIZE = 20_000;
/** Pages that the database makes while one is read here: it has more to do for each than this process has. */
const PAGES_AHEAD = 2;

/** Fills memory from the database, in the order of product numbers. */
export async function loadPresence(
  db: Database,
  engine: PresenceEngine,
  pageSize = PAGE_SIZE,
): Promise<void> {
  const last = await findLastProductNumber(db);
  engine.reserve(last);
  const ahead: Promise<string>[] = [];
  let after = 0;
  const readOneMore = (): void => {
    if (after >= last) return;
    const page = readRememberedPage(db, after, Math.min(after + pageSize, last));
    // Awaited below; a failure before that must not count as an unhandled rejection.
    page.catch(() => {});
    ahead.push(page);
    after += pageSize;
  };
  for (let count = 0; count < PAGES_AHEAD; count += 1) readOneMore();
  for (let page = ahead.shift(); page !== undefined; page = ahead.shift()) {
    const text = await page;
    readOneMore();
    decodeRememberedPage(text, (remembered) => engine.restore(remembered));
  }
}
