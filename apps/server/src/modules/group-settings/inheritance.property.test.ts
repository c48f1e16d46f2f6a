import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type GroupSayings, inherit, type SayingsByGroup } from './inheritance.ts';

// Any kind of settings, any tree, anything said.

type Values = Record<string, number>;

interface World {
  readonly fallback: Values;
  readonly paths: readonly (readonly string[])[];
  readonly sayings: SayingsByGroup<Values>;
}

const fieldName = fc.stringMatching(/^[a-z][A-Za-z]{0,8}$/).filter((name) => !(name in {}));

/** Parents by the index of an earlier group, so that it is one tree; the first one is its top. */
const world: fc.Arbitrary<World> = fc
  .record({
    fields: fc.uniqueArray(fieldName, { minLength: 1, maxLength: 5 }),
    parents: fc.array(fc.nat(), { maxLength: 12 }),
    seed: fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
  })
  .map(({ fields, parents, seed }) => {
    const draw = (): number => seed.next().value ?? 0;
    const paths: string[][] = [['g0']];
    for (const [index, parent] of parents.entries())
      paths.push([...(paths[parent % paths.length] ?? []), `g${index + 1}`]);
    const sayings = new Map(
      paths.flatMap((path): [string, GroupSayings<Values>][] => {
        const groupId = path.at(-1) ?? '';
        if (draw() < 3) return [];
        const own = Object.fromEntries(fields.filter(() => draw() < 5).map((name) => [name, draw()]));
        const locked = fields.filter(() => draw() < 2);
        return [[groupId, { groupId, groupName: groupId, path, revision: 1, own, locked }]];
      }),
    );
    return { fallback: Object.fromEntries(fields.map((name) => [name, 100 + draw()])), paths, sayings };
  });

/** By the rule as it is told: the topmost lock, else the nearest saying, else the fallback. */
function expect({ sayings, fallback }: World, path: readonly string[], name: string) {
  const says = (id: string): boolean => sayings.get(id)?.own[name] !== undefined;
  const lock = path.find((id) => says(id) && sayings.get(id)?.locked.includes(name) === true);
  const origin = lock ?? path.findLast(says);
  return { value: origin === undefined ? fallback[name] : sayings.get(origin)?.own[name], origin, lock };
}

test('of any tree and any fields, the topmost lock counts, else the nearest saying, else the fallback', () => {
  fc.assert(
    fc.property(world, (given) => {
      for (const path of given.paths) {
        const { effective, origins, locks } = inherit(path, given.sayings, given.fallback);
        assert.deepEqual(Object.keys(effective), Object.keys(given.fallback));
        for (const name of Object.keys(given.fallback)) {
          const found = {
            value: effective[name],
            origin: origins[name]?.groupId,
            lock: locks[name]?.groupId,
          };
          assert.deepEqual(found, expect(given, path, name));
        }
      }
    }),
  );
});

test('whatever one group says or locks, nothing changes outside of it', () => {
  fc.assert(
    fc.property(world, fc.nat(), (given, choice) => {
      const changed = given.paths[choice % given.paths.length] ?? [];
      const groupId = changed.at(-1) ?? '';
      const names = Object.keys(given.fallback);
      const own = Object.fromEntries(names.map((name) => [name, 1_000]));
      const after = new Map(given.sayings).set(groupId, {
        groupId,
        groupName: groupId,
        path: changed,
        revision: 2,
        own,
        locked: names,
      });
      for (const path of given.paths) {
        if (path.includes(groupId)) continue;
        assert.deepEqual(
          inherit(path, after, given.fallback).effective,
          inherit(path, given.sayings, given.fallback).effective,
        );
      }
    }),
  );
});
