import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { makeFolder } from '../testing/test-repository.ts';
import { serveFolder } from '../testing/test-web-server.ts';
import type { FileSource } from './file-source.ts';
import { createFolderSource } from './folder-source.ts';
import { createWebSource } from './web-source.ts';

async function read(source: FileSource, file: string, from = 0, limit = 1000): Promise<string | undefined> {
  const pieces = await source.open(file, { from, limit, signal: AbortSignal.timeout(10_000) });
  if (pieces === undefined) return undefined;
  let text = '';
  for await (const piece of pieces) text += Buffer.from(piece).toString();
  return text;
}

test('a folder and a web server give the same: the file, the rest of it, or nothing', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(path.join(folder, 'metadata'));
  await writeFile(path.join(folder, 'metadata', 'a.json'), 'abcdef');
  await writeFile(path.join(folder, 'metadata', '#?.json'), 'odd');
  const { url } = await serveFolder(t, folder);
  for (const source of [
    createFolderSource(folder),
    createWebSource({ url }),
    createWebSource({ url: url.slice(0, -1) }),
  ]) {
    assert.equal(await read(source, 'metadata/a.json'), 'abcdef');
    assert.equal(await read(source, 'metadata/a.json', 4), 'ef');
    assert.equal(await read(source, 'metadata/%23%3F.json'), 'odd');
    assert.equal(await read(source, 'metadata/b.json'), undefined);
    assert.equal(await read(source, 'metadata/a.json/b'), undefined);
  }
});

test('a server that knows no ranges has what is there already let by', async (t) => {
  const folder = await makeFolder(t);
  const { url } = await serveFolder(t, folder, (_, response) => Boolean(response.end('abcdef')));
  assert.equal(await read(createWebSource({ url }), 'x', 4), 'ef');
  await assert.rejects(read(createWebSource({ url }), 'x', 7), { code: 'SOURCE_REFUSED' });
});

test('what is told to a web source is sent to it, and a redirect leads nowhere', async (t) => {
  const folder = await makeFolder(t);
  const seen: (string | undefined)[] = [];
  const { url, requests } = await serveFolder(t, folder, ({ headers, url: asked }, response) => {
    seen.push(headers.authorization, headers['accept-encoding']);
    return Boolean(asked === '/a' ? response.writeHead(307, { location: '/b' }).end() : response.end('x'));
  });
  const source = createWebSource({ url, headers: { authorization: 'Bearer x' } });
  await assert.rejects(read(source, 'a'), { code: 'SOURCE_REFUSED' });
  assert.deepEqual([requests, seen], [['/a'], ['Bearer x', 'identity']]);
});

test('a path of a folder source does not leave it, and what is no file is not waited for', async (t) => {
  const folder = path.join(await makeFolder(t), 'inner');
  await mkdir(path.join(folder, 'sub'), { recursive: true });
  await writeFile(path.join(folder, '..', 'secret'), 'secret');
  const source = createFolderSource(folder);
  for (const file of [
    '../secret',
    '%2E%2E/secret',
    '..%2Fsecret',
    'sub/../../secret',
    '/etc/passwd',
    '',
    'sub//x',
    '%00',
    '%E0%80',
    'sub/%5C..',
  ])
    await assert.rejects(read(source, file), { code: 'SOURCE_REFUSED' }, file);
  await assert.rejects(read(source, 'sub'), { code: 'SOURCE_REFUSED' });
  await promisify(execFile)('mkfifo', [path.join(folder, 'pipe')]);
  await assert.rejects(read(source, 'pipe'), { code: 'SOURCE_REFUSED' });
});
