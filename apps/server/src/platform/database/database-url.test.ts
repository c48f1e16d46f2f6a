import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { createDatabase } from './database.ts';
import { describeConnection, parseDatabaseUrl } from './database-url.ts';

const secret = 'p%40ss-hunter2';
const plain = 'p@ss-hunter2';

test('an address is taken apart, with the password behind a function', () => {
  const connection = parseDatabaseUrl(`postgresql://ada:${secret}@db.example.org:6543/fleet?sslmode=disable`);
  const { readPassword, ...rest } = connection;
  assert.deepEqual(rest, { host: 'db.example.org', port: 6543, user: 'ada', database: 'fleet' });
  assert.equal(readPassword?.(), plain);
});

test('a socket folder may stand in the parameters', () => {
  const connection = parseDatabaseUrl('postgresql://ada@/fleet?host=%2Frun%2Fpostgresql&port=5433');
  assert.deepEqual(connection, { host: '/run/postgresql', port: 5433, user: 'ada', database: 'fleet' });
});

for (const [url, expected] of [
  ['postgresql://a@db.example.org/f', { rejectUnauthorized: true }],
  ['postgresql://a@db.example.org/f?sslmode=require', { rejectUnauthorized: true }],
  ['postgresql://a@db.example.org/f?sslmode=no-verify', { rejectUnauthorized: false }],
  ['postgresql://a@localhost/f', undefined],
  ['postgresql://a@127.0.0.1/f', undefined],
  ['postgresql://a@[::1]/f', undefined],
  ['postgresql://a@127.0.0.1.example.org/f', { rejectUnauthorized: true }],
  ['postgresql://a@localhost/f?sslmode=verify-full', { rejectUnauthorized: true }],
] as const) {
  test(`TLS for ${url}`, () => assert.deepEqual(parseDatabaseUrl(url).tls, expected));
}

for (const url of [
  `mysql://ada:${secret}@host/db`,
  `postgresql://ada:${secret}@host`,
  `postgresql://:${secret}@host/db`,
  `postgresql://ada:${secret}@/db`,
  `postgresql://ada:${secret}@host:99999/db`,
  `postgresql://ada:${secret}@host/db?sslmode=prefer`,
  `postgresql://ada:${secret}@host/db?sslrootcert=/nowhere/ca.pem&sslmode=verify-ca`,
  `postgresql://ada:${secret}@host/db?password=${secret}`,
  `postgresql://ada:hunter2%@host/db`,
  `ada:${secret}@host/db`,
  '',
]) {
  test(`${JSON.stringify(url.replace(secret, '…'))} is refused without repeating the password`, () => {
    assert.throws(
      () => parseDatabaseUrl(url),
      (error) => {
        assert.ok(hasCode(error, 'DATABASE_URL_INVALID'));
        assert.doesNotMatch(inspect(error, { depth: 10 }), /hunter2/);
        return true;
      },
    );
  });
}

test('neither the description, nor the settings, nor an error of connecting shows the password', async () => {
  const connection = parseDatabaseUrl(`postgresql://ada:${secret}@127.0.0.1:1/fleet`);
  assert.equal(describeConnection(connection), 'postgresql://ada@127.0.0.1:1/fleet');
  const database = createDatabase({ connection, maxWaitMs: 100 });
  const failure = await database.db
    .selectFrom('setting')
    .selectAll()
    .execute()
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  assert.ok(hasCode(failure, 'DATABASE_UNAVAILABLE'));
  assert.equal((await database.probe({ maxWaitMs: 200 })).isReady, false);
  for (const value of [connection, database, failure]) {
    assert.doesNotMatch(inspect(value, { depth: 20, showHidden: true }), /hunter2/);
    assert.doesNotMatch(JSON.stringify(value), /hunter2/);
  }
  await database.close();
});
