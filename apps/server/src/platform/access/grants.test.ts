import assert from 'node:assert/strict';
import { test } from 'node:test';
import { organisationWidePermissions, type Permission, permissions } from '@holdfast/api';
import { type Grant, Grants, limitGrants } from './grants.ts';

const TOP = 'top';
const BERLIN = 'berlin';
const FLOOR = 'berlin-floor';
const PARIS = 'paris';
const paths: Readonly<Record<string, readonly string[]>> = {
  [TOP]: [TOP],
  [BERLIN]: [TOP, BERLIN],
  [FLOOR]: [TOP, BERLIN, FLOOR],
  [PARIS]: [TOP, PARIS],
};
const pathOf = (groupId: string) => paths[groupId];

function grant(groupId: string | null, ...names: Permission[]): Grant {
  return { permissions: new Set(names), groupId };
}

const auditor = grant(null, ...permissions.filter((name) => name.endsWith(':read')));
const inBerlin = grant(BERLIN, 'directory:read', 'directory:edit', 'commands:issue');

test('an auditor everywhere who administers Berlin reads everywhere and edits in Berlin only', () => {
  const grants = new Grants([auditor, inBerlin]);
  assert.equal(grants.placesOf('directory:read'), 'everything');
  assert.deepEqual(grants.placesOf('directory:edit'), new Set([BERLIN]));
  assert.equal(grants.mayAt('directory:read', [TOP, PARIS]), true);
  assert.equal(grants.mayAt('directory:edit', [TOP, PARIS]), false);
  assert.equal(grants.mayAt('directory:edit', [TOP, BERLIN, FLOOR]), true);
  assert.equal(grants.mayAt('directory:edit', [TOP]), false);
  assert.equal(grants.mayAnywhere('enrolment-tokens:manage'), false);
  assert.equal(grants.mayAt('settings:read', []), true);
});

test('what concerns the whole organisation is granted on everything or not at all', () => {
  const grants = new Grants([grant(TOP, ...permissions)]);
  for (const permission of permissions) {
    assert.equal(grants.mayAnywhere(permission), !organisationWidePermissions.has(permission), permission);
    assert.equal(grants.mayAt(permission, []), false, permission);
  }
});

test('two grants that overlap add up, and neither takes anything away', () => {
  const grants = new Grants([inBerlin, grant(FLOOR, 'logs:read', 'directory:edit')]);
  assert.deepEqual(grants.placesOf('directory:edit'), new Set([BERLIN, FLOOR]));
  assert.equal(grants.mayAt('directory:edit', [TOP, BERLIN]), true);
  assert.equal(grants.mayAt('logs:read', [TOP, BERLIN]), false);
  assert.equal(grants.mayAt('logs:read', [TOP, BERLIN, FLOOR]), true);
});

test('nobody has no grants and may do nothing anywhere', () => {
  for (const permission of permissions) {
    assert.equal(Grants.none.mayAnywhere(permission), false);
    assert.equal(Grants.none.mayAt(permission, [TOP]), false);
  }
});

for (const [what, held, limit, expected] of [
  ['the same everywhere', null, null, [null]],
  ['a part of everything', null, BERLIN, [BERLIN]],
  ['a limit that is wider', BERLIN, null, [BERLIN]],
  ['a group in the group of the limit', FLOOR, BERLIN, [FLOOR]],
  ['a group around the group of the limit', BERLIN, FLOOR, [FLOOR]],
  ['the same group', BERLIN, BERLIN, [BERLIN]],
  ['groups that lie apart', BERLIN, PARIS, []],
  ['a group that is gone', 'gone', BERLIN, []],
  ['a limit to a group that is gone', BERLIN, 'gone', []],
] as const) {
  test(`the narrower place wins: ${what}`, () => {
    const limited = limitGrants(
      [grant(held, 'directory:read', 'logs:read')],
      [grant(limit, 'directory:read', 'audit:read')],
      pathOf,
    );
    assert.deepEqual(
      limited,
      expected.map((groupId) => grant(groupId, 'directory:read')),
    );
  });
}

test('the limit is asked permission by permission', () => {
  const limited = new Grants(
    limitGrants(
      [grant(null, 'directory:read', 'directory:edit', 'logs:read')],
      [auditor, inBerlin, grant(FLOOR, 'logs:read')],
      pathOf,
    ),
  );
  assert.equal(limited.placesOf('directory:read'), 'everything');
  assert.deepEqual(limited.placesOf('directory:edit'), new Set([BERLIN]));
  assert.equal(limited.placesOf('logs:read'), 'everything');
  assert.equal(limited.mayAnywhere('commands:issue'), false);
});

test('grants are compared by what they allow', () => {
  const both = new Grants([auditor, inBerlin]);
  assert.equal(both.isSameAs(new Grants([inBerlin, auditor, grant(PARIS, 'directory:read')])), true);
  assert.equal(both.isSameAs(new Grants([auditor])), false);
  assert.equal(new Grants([auditor]).isSameAs(both), false);
  assert.equal(both.isSameAs(new Grants([auditor, { ...inBerlin, groupId: PARIS }])), false);
});
