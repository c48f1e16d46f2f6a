import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { createServedFolder, type ServedFolder } from './served-folder.ts';

let top: string;
let folder: string;
let served: ServedFolder;

before(async () => {
  top = await mkdtemp(path.join(os.tmpdir(), 'holdfast-served-'));
  folder = path.join(top, 'repository');
  await mkdir(path.join(folder, 'metadata'), { recursive: true });
  await mkdir(path.join(folder, 'targets'));
  await writeFile(path.join(top, 'key'), 'secret');
  await writeFile(path.join(folder, 'metadata', 'timestamp.json'), '{}');
  served = createServedFolder(folder);
});
after(async () => {
  await rm(top, { recursive: true });
});

async function read(repositoryPath: string): Promise<{ text: string; sha256: string } | undefined> {
  const file = await served.open(repositoryPath);
  if (file === undefined) return undefined;
  try {
    return { text: await file.handle.readFile('utf8'), sha256: file.sha256 };
  } finally {
    await file.handle.close();
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('a file is known by its content, also after another one has taken its place', async () => {
  assert.deepEqual(await read('metadata/timestamp.json'), { text: '{}', sha256: sha256('{}') });
  const next = path.join(folder, 'metadata', 'next');
  await writeFile(next, '[]');
  await rename(next, path.join(folder, 'metadata', 'timestamp.json'));
  assert.deepEqual(await read('metadata/timestamp.json'), { text: '[]', sha256: sha256('[]') });
});

test('a target has the digest of its name', async () => {
  const digest = sha256('pattern');
  await writeFile(path.join(folder, 'targets', `${digest}.full`), 'pattern');
  assert.deepEqual(await read(`targets/${digest}.full`), { text: 'pattern', sha256: digest });
});

test('what is still being written is not there, although its name has a digest', async () => {
  const name = `${sha256('pattern')}.full`;
  for (const end of ['partial', 'new', 'unverified']) {
    await writeFile(path.join(folder, 'targets', `${name}.${end}`), 'planted');
    assert.equal(await read(`targets/${name}.${end}`), undefined, end);
  }
});

test('what lies outside, links, folders and sockets are not there', async (t) => {
  await symlink(path.join(top, 'key'), path.join(folder, 'metadata', 'linked'));
  await symlink(top, path.join(folder, 'around'));
  await symlink('timestamp.json', path.join(folder, 'metadata', 'inside'));
  await symlink('metadata', path.join(folder, 'also'));
  const socket = createServer().listen(path.join(folder, 'metadata', 'socket'));
  await once(socket, 'listening');
  t.after(() => socket.close());
  for (const name of [
    '../key',
    'metadata/../../key',
    'metadata/linked',
    'around/key',
    'metadata/inside',
    'also/timestamp.json',
    'metadata/socket',
    'metadata',
    'metadata/none',
    'metadata/timestamp.json/x',
  ])
    assert.equal(await read(name), undefined, name);
});

test('the folder itself may be reached by a link', async () => {
  const link = path.join(top, 'link');
  await symlink(folder, link);
  const file = await createServedFolder(link).open('metadata/timestamp.json');
  assert.ok(file !== undefined);
  await file.handle.close();
});

test('a folder that is not there has no files', async () => {
  assert.equal(await createServedFolder(path.join(top, 'none')).open('metadata/timestamp.json'), undefined);
});
