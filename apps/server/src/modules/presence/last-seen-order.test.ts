import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type LastSeenPlace, listByLastSeen } from './last-seen-order.ts';
import { statusCode } from './presence-code.ts';
import { presenceFlags, PresenceTable } from './presence-table.ts';

function tableOf(lastSeen: readonly number[]): PresenceTable {
  const table = new PresenceTable(lastSeen.length + 1);
  lastSeen.forEach((atMs, index) => {
    table.set(index + 1, presenceFlags.known, true);
    table.columns.lastSeenAt[index + 1] = atMs;
  });
  return table;
}

test('pages by last sign of life together give every product once, in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 }),
      fc.constantFrom('ascending' as const, 'descending' as const),
      fc.integer({ min: 1, max: 9 }),
      (lastSeen, order, limit) => {
        const table = tableOf(lastSeen);
        const listed: LastSeenPlace[] = [];
        for (;;) {
          const page = listByLastSeen(table, { order, limit, after: listed.at(-1) });
          listed.push(...page);
          if (page.length < limit) break;
        }
        const expected = lastSeen
          .map((lastSeenAtMs, index) => ({ lastSeenAtMs, productNumber: index + 1 }))
          .sort(
            (left, right) =>
              left.lastSeenAtMs - right.lastSeenAtMs || left.productNumber - right.productNumber,
          );
        assert.deepEqual(listed, order === 'ascending' ? expected : expected.reverse());
      },
    ),
  );
});

test('only the products of a status are listed when one is asked for', () => {
  const table = tableOf([1, 2, 3, 4]);
  for (const number of [2, 4]) table.columns.status[number] = statusCode['timed-out'];
  const page = listByLastSeen(table, { order: 'descending', limit: 10, status: 'timed-out' });
  assert.deepEqual(
    page.map((place) => place.productNumber),
    [4, 2],
  );
});

test('only the products that were asked for are listed, and none that is unknown', () => {
  const table = tableOf([5, 4, 3, 2, 1]);
  const page = listByLastSeen(table, { order: 'ascending', limit: 10, among: [2, 4, 99] });
  assert.deepEqual(
    page.map((place) => place.productNumber),
    [4, 2],
  );
});
