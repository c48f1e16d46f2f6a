import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { hasCode, releasedAtMs } from '@holdfast/kernel';
import { fingerprintsOf, pinAuthorities, verifyAuthority } from '@holdfast/protocol';
import { readCertificateFacts } from '@holdfast/trust/certificates';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import { openOwnAuthority, type OwnAuthorityKeeper } from './authority-keeper.ts';
import { assertAuthorityValid, assertPlausibleClock, phaseOf } from './authority-time.ts';
import { exportPrivateKey } from './key-file.ts';
import { openKeys, readAuthority, type StoredKeys } from './key-store.ts';

const DAY_MS = 86_400_000;
const YEAR_MS = 365.25 * DAY_MS;
const clock = createTestClock();
const log = pino({ level: 'silent' });
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-authority-'));
});
after(() => rm(folder, { recursive: true }));
afterEach(async () => {
  for (const name of await readdir(folder)) await rm(path.join(folder, name));
});

async function openAt(nowMs: number, hasProducts = false): Promise<StoredKeys> {
  return await openKeys({ folder, log, nowMs, hasProducts: async () => hasProducts });
}

async function open(): Promise<OwnAuthorityKeeper> {
  return await openOwnAuthority({ folder, log }, await readAuthority({ folder, log }));
}

test('no authority is made by a clock that says a time before this release, and nothing is left behind', async () => {
  for (const nowMs of [0, Date.parse('1970-01-01T00:05:00Z'), releasedAtMs - 1]) {
    await assert.rejects(openAt(nowMs), (error) => hasCode(error, 'CLOCK_IMPLAUSIBLE'));
    assert.deepEqual(await readdir(folder), []);
  }
  assert.throws(() => assertPlausibleClock(0), /1970-01-01T00:00:00.000Z, which is before this release/);
  await openAt(releasedAtMs);
});

test('an authority that was made while the clock was ahead is made anew as long as nothing trusts it', async () => {
  const ahead = await openAt(clock.now() + YEAR_MS);
  const now = await openAt(clock.now());
  assert.notEqual(now.authority.certificate, ahead.authority.certificate);
  assert.ok(now.masterKey.equals(ahead.masterKey), 'what else is sealed stays readable');
  assert.equal(phaseOf((await open()).current, clock.now()), 'good');
  assert.deepEqual(
    await openAt(clock.now()).then(({ authority }) => authority.certificate),
    now.authority.certificate,
  );
});

test('the same authority is kept when products trust it, and what is wrong with it is said', async () => {
  const ahead = await openAt(clock.now() + YEAR_MS);
  const now = await openAt(clock.now(), true);
  assert.equal(now.authority.certificate, ahead.authority.certificate);
  const { current } = await open();
  assert.throws(
    () => assertAuthorityValid(current, clock.now()),
    (error: Error & { remedy?: string }) =>
      hasCode(error, 'AUTHORITY_NOT_YET_VALID') && /authority renew --now/.test(error.remedy ?? ''),
  );
  // A clock that is behind by more than it can be makes no other one either.
  await assert.rejects(openAt(0), (error) => hasCode(error, 'CLOCK_IMPLAUSIBLE'));
});

test('an authority has a phase at each time, and at its end it is over', async () => {
  await openAt(clock.now());
  const { current } = await open();
  for (const [leftMs, phase] of [
    [3 * YEAR_MS, 'good'],
    [729 * DAY_MS, 'renewal-due'],
    [365 * DAY_MS, 'ends-soon'],
    [90 * DAY_MS, 'ends-very-soon'],
    [1, 'ends-very-soon'],
    [0, 'ended'],
    [-YEAR_MS, 'ended'],
    [Number.NaN, 'not-yet-valid'],
  ] as const) {
    assert.equal(phaseOf(current, current.endsAtMs - leftMs), phase, String(leftMs));
  }
  assert.equal(phaseOf(current, current.beginsAtMs - 1), 'not-yet-valid');
  assert.throws(
    () => assertAuthorityValid(current, current.endsAtMs),
    (error) => hasCode(error, 'AUTHORITY_ENDED'),
  );
  assertAuthorityValid(current, current.endsAtMs - 1);
});

test('the next authority is trusted beside the present one, takes its place, and the former one stays trusted until its end', async () => {
  await openAt(clock.now());
  const keeper = await open();
  const first = keeper.current;
  assert.deepEqual(keeper.listTrusted(clock.now()), [first]);
  const later = clock.now() + 9 * YEAR_MS;
  const second = await keeper.prepareNext(later);
  assert.equal((await keeper.prepareNext(later)).fingerprint, second.fingerprint, 'made once');
  assert.deepEqual(keeper.listTrusted(later), [first, second]);
  // Another program sees the same.
  assert.deepEqual((await open()).listTrusted(later), [first, second]);

  let switches = 0;
  keeper.onSwitch(async () => {
    switches += 1;
    assert.equal(keeper.current.fingerprint, second.fingerprint);
  });
  await keeper.switchToNext();
  assert.equal(switches, 1);
  assert.deepEqual(keeper.listTrusted(later), [second, first]);
  assert.deepEqual(keeper.listTrusted(first.endsAtMs), [second]);
  assert.equal(keeper.next, undefined);
  const reopened = await open();
  assert.deepEqual(reopened.listTrusted(later), [second, first]);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith('next-')));
  await assert.rejects(keeper.switchToNext(), (error) => hasCode(error, 'AUTHORITY_NEXT_MISSING'));
});

test('whoever trusts an authority of before follows the signatures to the present one, and nobody else does', async () => {
  await openAt(clock.now());
  const keeper = await open();
  const before = [keeper.current];
  for (let count = 1; count <= 3; count += 1) {
    before.push(await keeper.prepareNext(clock.now() + count * YEAR_MS));
    await keeper.switchToNext();
  }
  const { current, successions } = await open();
  const answer = { certificate: current.certificate, successions: [...successions] };
  for (const { fingerprint } of before)
    assert.equal(verifyAuthority(answer, [fingerprint]).fingerprint, current.fingerprint);
  const isMismatch = (error: unknown): boolean => hasCode(error, 'SERVER_FINGERPRINT_MISMATCH');
  assert.throws(() => verifyAuthority(answer, ['A'.repeat(43)]), isMismatch);
  assert.throws(() => verifyAuthority(answer, []), isMismatch);

  const trusted = [before[0]?.fingerprint ?? ''];
  const [one, two, three] = successions;
  assert.ok(one !== undefined && two !== undefined && three !== undefined);
  const forged = { ...two, signature: one.signature };
  for (const steps of [[], [two, three], [one, three], [one, two], [two, one, three], [one, forged, three]])
    assert.throws(() => verifyAuthority({ ...answer, successions: steps }, trusted), isMismatch);
  // A stranger's authority behind a true chain, and one that is none.
  const others = await mkdtemp(path.join(os.tmpdir(), 'holdfast-authority-'));
  try {
    const { authority } = await openKeys({
      folder: others,
      log,
      nowMs: clock.now(),
      hasProducts: async () => false,
    });
    assert.throws(
      () => verifyAuthority({ ...answer, certificate: authority.certificate }, trusted),
      isMismatch,
    );
  } finally {
    await rm(others, { recursive: true });
  }
  assert.throws(() => verifyAuthority({ ...answer, certificate: 'no certificate' }, trusted), isMismatch);
});

test('authorities are pinned all or none, as they are and without what stands beside them', async () => {
  const { authority } = await openAt(clock.now());
  const keeper = await open();
  const next = await keeper.prepareNext(clock.now());
  const pinned = pinAuthorities([`${authority.certificate}\nsecret`, next.certificate]);
  assert.equal(pinned?.fingerprint, keeper.current.fingerprint);
  assert.deepEqual(fingerprintsOf(pinned ?? { certificate: '' }), [
    keeper.current.fingerprint,
    next.fingerprint,
  ]);
  assert.ok(!(pinned?.certificate ?? 'secret').includes('secret'));
  assert.equal(pinAuthorities([]), undefined);
  assert.equal(pinAuthorities([authority.certificate, 'no certificate']), undefined);
  assert.equal(pinAuthorities(Array.from({ length: 5 }, () => authority.certificate)), undefined);
});

test('a change that was killed at any place is finished or forgotten by the next start', async () => {
  await openAt(clock.now());
  const keeper = await open();
  const first = keeper.current;
  const second = await keeper.prepareNext(clock.now());
  const files = async (): Promise<Map<string, string>> =>
    new Map(
      await Promise.all(
        (await readdir(folder)).map(
          async (name) => [name, await readFile(path.join(folder, name), 'utf8')] as const,
        ),
      ),
    );
  const prepared = await files();
  await keeper.switchToNext();
  const switched = await files();
  // In the order in which they are written; what comes after the kill is as it was before.
  const order = ['successions.json', 'ca.key', 'ca.crt'];
  for (let done = 0; done <= order.length; done += 1) {
    for (const [name, text] of prepared) await writeFile(path.join(folder, name), text, { mode: 0o600 });
    await rm(path.join(folder, 'successions.json'), { force: true });
    for (const name of order.slice(0, done))
      await writeFile(path.join(folder, name), switched.get(name) ?? '', { mode: 0o600 });
    const { authority } = await openAt(clock.now(), true);
    const expected = done < 2 ? first : second;
    assert.equal(authority.certificate, expected.certificate, `killed after ${done} files`);
    assert.ok(authority.privateKey.equals((await readAuthority({ folder, log })).privateKey));
    const reopened = await open();
    assert.equal(reopened.current.fingerprint, expected.fingerprint);
  }
});

test('a key that belongs to neither authority is damage, as before', async () => {
  await openAt(clock.now());
  const keeper = await open();
  await keeper.prepareNext(clock.now());
  const { privateKey } = (await openOwnAuthority({ folder, log }, keeper.signer)).signer;
  assert.ok(exportPrivateKey(privateKey).length > 0);
  const others = await mkdtemp(path.join(os.tmpdir(), 'holdfast-authority-'));
  try {
    const other = await openKeys({ folder: others, log, nowMs: clock.now(), hasProducts: async () => false });
    await writeFile(path.join(folder, 'ca.key'), exportPrivateKey(other.authority.privateKey));
    await assert.rejects(openAt(clock.now(), true), (error) => hasCode(error, 'KEYS_DAMAGED'));
  } finally {
    await rm(others, { recursive: true });
  }
});

test('an authority begins two days before it is made, and lasts ten years', async () => {
  const { authority } = await openAt(clock.now());
  const { notBeforeMs, notAfterMs } = readCertificateFacts(authority.certificate);
  assert.equal(notBeforeMs, clock.now() - 2 * DAY_MS);
  assert.ok(notAfterMs > clock.now() + 9.9 * YEAR_MS);
});
