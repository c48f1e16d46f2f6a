import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CommunicationSettings, EffectiveCommunication } from '@holdfast/api';
import { createTestDatabase, type TestDatabase } from '../../platform/database/test-database.ts';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { fallBackTo } from './communication-settings.ts';
import { ProfileAssignments } from './profile-assignment.service.ts';

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
});
after(() => database.close());

test('a profile that nobody uses any more is forgotten, and one that stays is the same object', async () => {
  let settings = { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 300_000 } as CommunicationSettings;
  const turns: (readonly EffectiveCommunication[])[] = [];
  const assignments = new ProfileAssignments({
    database: database.db,
    clock: createTestClock(),
    groups: { list: () => Promise.resolve(new Map()), effectiveAt: () => fallBackTo(settings) },
    target: {
      replaceProfiles: (profiles, top) => {
        assert.ok(profiles[top] !== undefined);
        turns.push([...profiles]);
      },
      addProfiles: () => undefined,
      assignProfile: () => undefined,
    },
  });
  for (let offlineTimeoutMs = 300_000; offlineTimeoutMs < 310_000; offlineTimeoutMs += 1_000) {
    settings = { ...settings, offlineTimeoutMs };
    await assignments.update();
  }
  await assignments.update();
  assert.equal(turns.at(-1)?.length, 1);
  assert.equal(turns.at(-1)?.[0], turns.at(-2)?.[0]);
  assert.equal(turns.at(-1)?.[0]?.offlineTimeoutMs, 309_000);
});
