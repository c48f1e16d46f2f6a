import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { encodeBase64Url, hasCode } from '@holdfast/kernel';
import { openStateDatabase, type StateDatabase } from '../../platform/state-database.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { agentVersion } from '../../version.ts';
import { createLanSettingsStore, lanSettingsMigrations, parseLanSettings } from './lan-settings.ts';

function openDatabase(t: TestContext): StateDatabase {
  const path = join(createTemporaryFolder(t), 'state.sqlite');
  const database = openStateDatabase(path, { release: agentVersion, migrations: lanSettingsMigrations });
  t.after(() => database.close());
  return database;
}

const key = encodeBase64Url(new Uint8Array(32).fill(7));

test('an agent takes no part until the server says so, and then by the defaults', () => {
  assert.equal(parseLanSettings({}).isOn, false);
  const { keys, ...rest } = parseLanSettings({ isOn: true, keys: [key], ofTomorrow: 1 });
  assert.equal(keys.length, 1);
  assert.deepEqual(rest, {
    isOn: true,
    isOptedOut: false,
    isPinned: false,
    windowMs: 900_000,
    maxUploads: 5,
    maxUploadBytesPerS: 0,
    maxCacheBytes: 2 ** 31,
    hints: [],
  });
});

test('settings that are wrong are refused as a whole, and the error names the member', () => {
  const wrong: readonly [string, unknown][] = [
    ['settings', undefined],
    ['settings', null],
    ['settings', []],
    ['settings', 'x'],
    ['keys', { isOn: true }],
    ['keys', { isOn: true, keys: [] }],
    ['keys', { keys: [encodeBase64Url(new Uint8Array(31))] }],
    ['keys', { keys: [encodeBase64Url(new Uint8Array(33))] }],
    ['keys', { keys: [`${key}=`] }],
    ['keys', { keys: [7] }],
    ['keys', { keys: [key, key, key, key] }],
    ['keys', { keys: 'x'.repeat(1_000_000) }],
    ['isOn', { isOn: 1 }],
    ['isPinned', { isPinned: 'yes' }],
    ['windowMs', { windowMs: -1 }],
    ['windowMs', { windowMs: 86_400_001 }],
    ['windowMs', { windowMs: 0.5 }],
    ['maxUploads', { maxUploads: 0 }],
    ['maxUploadBytesPerS', { maxUploadBytesPerS: Number.NaN }],
    ['maxCacheBytes', { maxCacheBytes: 1 }],
    ['hints', { hints: ['example.com'] }],
    ['hints', { hints: ['fe80::1'] }],
    ['hints', { hints: Array.from({ length: 9 }, () => '10.0.0.1') }],
  ];
  for (const [member, value] of wrong) {
    assert.throws(
      () => parseLanSettings(value),
      (error) =>
        hasCode(error, 'LAN_SETTINGS_INVALID') &&
        (error as { facts: { member: string } }).facts.member === member,
      JSON.stringify(value)?.slice(0, 80),
    );
  }
});

test('what the server said last is there after a restart; what is wrong changes nothing', (t) => {
  const database = openDatabase(t);
  const store = createLanSettingsStore(database);
  let changes = 0;
  const forget = store.listen(() => changes++);
  assert.equal(store.current(), undefined);
  store.save({ isOn: true, keys: [key], windowMs: 1_000 });
  store.save({ isOn: true, keys: [key], windowMs: 1_000 });
  assert.throws(() => store.save({ isOn: true, keys: [] }));
  assert.equal(createLanSettingsStore(database).current()?.windowMs, 1_000);
  assert.equal(changes, 1, 'the same once more is no change');
  forget();
  store.save({});
  assert.deepEqual([store.current()?.isOn, changes], [false, 1]);
});

test('a row that an older or newer release wrote in another form is as if there were none', (t) => {
  const database = openDatabase(t);
  for (const text of ['{', '7', '{"isOn":"x"}']) {
    database.connection.prepare('INSERT OR REPLACE INTO lan_settings (id, value) VALUES (1, ?)').run(text);
    assert.equal(createLanSettingsStore(database).current(), undefined, text);
  }
});
