import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStateDatabase, type StateDatabase } from '../platform/state-database.ts';
import { createTemporaryFolder } from './temporary-folder.ts';
import { stateVersion } from '../state-version.ts';

/** A state database that is gone after the test. */
export function createTestDatabase(t: TestContext): StateDatabase {
  const database = openStateDatabase(join(createTemporaryFolder(t), 'state.sqlite'), stateVersion);
  t.after(() => database.close());
  return database;
}

/** Makes the disk full for this database: what it holds stays, and nothing is added. */
export function fillDisk({ connection }: StateDatabase): void {
  const pages = Number(connection.prepare('PRAGMA page_count').get()?.['page_count']);
  connection.exec(`PRAGMA max_page_count = ${pages}`);
}

export function freeDisk({ connection }: StateDatabase): void {
  connection.exec('PRAGMA max_page_count = 16384');
}
