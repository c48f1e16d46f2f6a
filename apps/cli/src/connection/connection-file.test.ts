import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CliError } from '../cli.errors.ts';
import { connectionPath, findConnection, removeConnection, saveConnection } from './connection-file.ts';

const connection = { server: 'https://localhost:8443', authorityCertificate: 'PEM', apiKey: 'hfk_secret' };

test('a stored connection is readable by its owner alone and comes back as it was', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = connectionPath({ XDG_CONFIG_HOME: folder });
  assert.equal(await findConnection(path), undefined);
  await saveConnection(path, connection);
  assert.deepEqual(await findConnection(path), connection);
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(join(folder, 'holdfast')), ['connection.json']);
  await removeConnection(path);
  assert.equal(await findConnection(path), undefined);
});

test('a damaged connection file is refused with its name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'connection.json');
  for (const text of ['', '{', '[]', '{"server":1}']) {
    await writeFile(path, text);
    await assert.rejects(
      findConnection(path),
      (error) => error instanceof CliError && error.code === 'CONNECTION_FILE_UNREADABLE',
    );
  }
});
