import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder that is gone after the test. */
export function createTemporaryFolder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-agent-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
