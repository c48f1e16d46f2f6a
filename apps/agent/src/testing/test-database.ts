import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStateDatabase, type StateDatabase } from '../platform/state-database.ts';
import { createTemporaryFolder } from '../platform/test-folder.ts';
import { stateVersion } from '../state-version.ts';

/** A state database that is gone after the test. */
export function createTestDatabase(t: TestContext): StateDatabase {
  const database = openStateDatabase(join(createTemporaryFolder(t), 'state.sqlite'), stateVersion);
  t.after(() => database.close());
  return database;
}
