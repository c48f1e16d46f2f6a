import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  isNarrowed,
  nextSort,
  parseDirectorySearch,
  toDeviceFilter,
  withoutFilters,
} from './directory-search.ts';

const group = '0198c5a0-1c2d-7abc-8def-0123456789ab';

test('filters and sort come from the address', () => {
  const search = parseDirectorySearch({
    group,
    below: 'no',
    search: 'web',
    status: 'offline',
    platform: 'linux',
    sort: 'last-seen',
    order: 'descending',
  });
  assert.deepEqual(toDeviceFilter(search), {
    groupId: group,
    withSubgroups: false,
    search: 'web',
    status: 'offline',
    platform: 'linux',
  });
  assert.deepEqual([search.sort, search.order], ['last-seen', 'descending']);
});

test('what is mistyped in the address is dropped', () => {
  const search = {
    group: 'x',
    below: 'maybe',
    search: '  ',
    status: 'on',
    platform: 7,
    sort: 'size',
    order: 'up',
  };
  assert.deepEqual(parseDirectorySearch(search), {});
});

test('parsing what was parsed changes nothing', () => {
  fc.assert(
    fc.property(
      fc.record({
        group: fc.constantFrom(undefined, group, 'x'),
        below: fc.constantFrom(undefined, 'no', 'yes'),
        search: fc.option(fc.string({ maxLength: 300 }), { nil: undefined }),
        status: fc.constantFrom(undefined, 'online', 'offline', 'nothing'),
        platform: fc.constantFrom(undefined, 'linux', 'beos'),
        sort: fc.constantFrom(undefined, 'name', 'system', 'x'),
        order: fc.constantFrom(undefined, 'ascending', 'descending'),
      }),
      (address) => {
        const once = parseDirectorySearch(address);
        assert.deepEqual(parseDirectorySearch({ ...once }), once);
        assert.ok((once.search?.length ?? 1) <= 200);
      },
    ),
  );
});

test('clearing the filters keeps the group and the sort', () => {
  const search = parseDirectorySearch({ group, status: 'online', search: 'x', sort: 'system' });
  assert.equal(isNarrowed(search), true);
  assert.deepEqual(withoutFilters(search), { group, sort: 'system' });
  assert.equal(isNarrowed(withoutFilters(search)), false);
});

test('a second click on a column turns the order round', () => {
  const once = nextSort({}, 'system');
  assert.deepEqual(once, { sort: 'system' });
  assert.deepEqual(nextSort(once, 'system'), { sort: 'system', order: 'descending' });
  assert.deepEqual(nextSort({ sort: 'system', order: 'descending' }, 'system'), { sort: 'system' });
  assert.deepEqual(nextSort({}, 'name'), { order: 'descending' });
});

test('sorting by time begins with the most recent', () => {
  assert.deepEqual(nextSort({}, 'last-seen'), { sort: 'last-seen', order: 'descending' });
});

test('encryption and agent version narrow the list, and clearing the filters forgets them', () => {
  const search = parseDirectorySearch({ encryption: 'not-encrypted', agent: '0.9.4', sort: 'system' });
  assert.deepEqual(search, { encryption: 'not-encrypted', agent: '0.9.4', sort: 'system' });
  assert.deepEqual(toDeviceFilter(search), { encryption: 'not-encrypted', agentVersion: '0.9.4' });
  assert.ok(isNarrowed({ encryption: 'unknown' }));
  assert.ok(isNarrowed({ agent: '1.0.0' }));
  assert.deepEqual(withoutFilters(search), { sort: 'system' });
  assert.deepEqual(parseDirectorySearch({ encryption: 'perhaps', agent: ' ' }), {});
});

test('tags in the address are names with commas between, each once; what is no name is dropped', () => {
  const search = parseDirectorySearch({ tag: 'lab,LAB,a b,env:prod', withoutTag: ',' });
  assert.deepEqual(search, { tag: 'LAB,env:prod' });
  assert.deepEqual(toDeviceFilter(search), { tag: ['LAB', 'env:prod'] });
  assert.ok(isNarrowed(search));
  assert.deepEqual(withoutFilters(search), {});
});
