import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isGrantedAt, type Permission, permissions } from '@holdfast/api';
import fc from 'fast-check';
import { type Grant, Grants, limitGrants } from './grants.ts';

/** A tree of eight groups: the parent of each comes before it. */
const tree = fc.tuple(...Array.from({ length: 7 }, (_, index) => fc.nat(index))).map((parents) => {
  const paths: string[][] = [['0']];
  for (const [index, parent] of parents.entries()) {
    paths.push([...(paths[parent] ?? []), String(index + 1)]);
  }
  return paths;
});

const permission = fc.constantFrom(...permissions);
// Ids 0 to 7 are groups of the tree; the others are gone.
const grant: fc.Arbitrary<Grant> = fc.record({
  permissions: fc.uniqueArray(permission, { maxLength: 5 }).map((names) => new Set(names)),
  groupId: fc.option(fc.nat(9).map(String), { freq: 6 }),
});
const grantList = fc.array(grant, { maxLength: 6 });

/** Every place that there is: each group, and what lies in none. */
function placesIn(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [[], ...paths];
}

test('both questions have the same answer: a place is allowed exactly when a group of its path is among the places', () => {
  fc.assert(
    fc.property(tree, grantList, permission, (paths, list, name) => {
      const grants = new Grants(list);
      const places = grants.placesOf(name);
      for (const path of placesIn(paths)) {
        const meets = places === 'everything' || path.some((groupId) => places.has(groupId));
        assert.equal(grants.mayAt(name, path), meets);
        if (meets) assert.equal(grants.mayAnywhere(name), true);
        // What the console asks to hide what would be refused.
        const told = list.map((one) => ({ ...one, permissions: [...one.permissions] }));
        assert.equal(isGrantedAt(told, name, path), meets);
      }
    }),
  );
});

test('another grant never takes anything away, and adds nothing that neither gives', () => {
  fc.assert(
    fc.property(tree, grantList, grantList, permission, (paths, first, second, name) => {
      const both = new Grants([...first, ...second]);
      for (const path of placesIn(paths)) {
        const either = new Grants(first).mayAt(name, path) || new Grants(second).mayAt(name, path);
        assert.equal(both.mayAt(name, path), either);
      }
    }),
  );
});

test('what is limited is allowed exactly where both allow it: a key never exceeds itself nor its owner', () => {
  fc.assert(
    fc.property(tree, grantList, grantList, permission, (paths, ofKey, ofOwner, name) => {
      const pathOf = (groupId: string): readonly string[] | undefined => paths[Number(groupId)];
      const limited = new Grants(limitGrants(ofKey, ofOwner, pathOf));
      for (const path of placesIn(paths)) {
        const both = new Grants(ofKey).mayAt(name, path) && new Grants(ofOwner).mayAt(name, path);
        assert.equal(limited.mayAt(name, path), both, `${name} at ${path.join('/')}`);
      }
    }),
  );
});

test('grants are the same exactly when they answer every question the same, in whatever order they stand', () => {
  fc.assert(
    fc.property(grantList, grantList, (first, second) => {
      assert.equal(new Grants(first).isSameAs(new Grants([...first].reverse().concat(first))), true);
      const answersOf = (list: readonly Grant[]) =>
        permissions.map((name: Permission) => {
          const places = new Grants(list).placesOf(name);
          return places === 'everything' ? places : [...places].toSorted().join();
        });
      const isSame = answersOf(first).join(';') === answersOf(second).join(';');
      assert.equal(new Grants(first).isSameAs(new Grants(second)), isSame);
    }),
  );
});
