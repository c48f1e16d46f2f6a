/** What a member does of what `stepMember` decides; the decisions themselves stand in member-step.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSilentLog } from '../../../testing/silent-log.ts';
import { createMember } from './member.ts';
import { memberTiming } from './member-step.ts';

test('a fetch that drips is ended at the Active Agent, and the server is asked', async () => {
  let nowMs = 0;
  const fetched: string[] = [];
  const askedServer = Promise.withResolvers<void>();
  const member = createMember({
    revision: 5,
    findWindowMs: () => 0,
    isOnLan: () => true,
    clock: { monotonic: () => nowMs },
    random: () => 0,
    log: createSilentLog(),
    fetch: async (from, signal, givenUp) => {
      fetched.push(from);
      if (from === 'server') {
        askedServer.resolve();
        return 6;
      }
      const { promise, reject } = Promise.withResolvers<never>();
      givenUp.addEventListener('abort', () => reject(new Error('It was given up.')));
      signal.addEventListener('abort', () => reject(new Error('The whole run was ended.')));
      return await promise;
    },
  });
  member.start();
  member.setOffer({ productNumber: 9, revision: 6, urgentRevision: 0 });
  nowMs = memberTiming.transferMs - 1;
  member.noteServerWord(6, 0);
  assert.deepEqual(fetched, ['lan'], 'it may go on until then');
  nowMs = memberTiming.transferMs;
  member.noteServerWord(6, 0);
  await askedServer.promise;
  assert.deepEqual(fetched, ['lan', 'server']);
  member.stop();
});
