import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ComponentError } from '../component.errors.ts';
import { makeFolder } from '../testing/test-repository.ts';
import { fetchTarget, type TargetFetch } from './fetch-target.ts';
import type { FileSource } from './file-source.ts';

const content = Buffer.alloc(300_000, 'What is signed is what is kept. ');
const target = {
  path: 'components/a/1/full',
  length: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
};

interface TestSource extends FileSource {
  readonly asked: { path: string; from: number; limit: number }[];
}

/** A source that sends `bytes`, in pieces, up to `breakAt` of them. */
function sourceOf(
  name: string,
  bytes: Uint8Array | undefined,
  breakAt = Number.POSITIVE_INFINITY,
): TestSource {
  const asked: TestSource['asked'] = [];
  return {
    name,
    asked,
    async open(file, { from, limit }) {
      asked.push({ path: file, from, limit });
      if (bytes === undefined) return undefined;
      return (async function* () {
        for (let place = from; place < bytes.length; place += 10_000) {
          if (place >= breakAt) throw new Error('broke off');
          yield bytes.subarray(place, place + 10_000);
        }
      })();
    },
  };
}

async function prepare(
  t: Parameters<typeof makeFolder>[0],
  sources: readonly FileSource[],
  more: Partial<TargetFetch> = {},
) {
  const into = path.join(await makeFolder(t), 'staging', 'file');
  const fetch = async () =>
    await fetchTarget({ target, sources, into, signal: AbortSignal.timeout(30_000), ...more });
  return { into, fetch };
}

const isThere = async (file: string): Promise<boolean> =>
  await access(file).then(
    () => true,
    () => false,
  );

test('a file comes under its hash, is told as it comes, and is not fetched again', async (t) => {
  const source = sourceOf('server', content);
  const told: number[] = [];
  const { into, fetch } = await prepare(t, [source], { onProgress: ({ bytes }) => told.push(bytes) });
  assert.deepEqual(await fetch(), { source: 'server', receivedBytes: content.length });
  assert.deepEqual(source.asked, [
    { path: `targets/components/a/1/${target.sha256}.full`, from: 0, limit: content.length },
  ]);
  assert.ok(content.equals(await readFile(into)));
  assert.deepEqual([told[0], told[1], told.at(-1)], [0, 10_000, content.length]);
  assert.deepEqual(await fetch(), { source: undefined, receivedBytes: 0 });
  assert.equal(source.asked.length, 1);
  assert.equal(await isThere(`${into}.partial`), false);
});

test('a file that is there and wrong is replaced', async (t) => {
  const { into, fetch } = await prepare(t, [sourceOf('server', content)]);
  await fetch();
  await writeFile(into, Buffer.alloc(content.length));
  await fetch();
  assert.ok(content.equals(await readFile(into)));
});

test('what one source gave before it broke off is kept, and the next goes on', async (t) => {
  const first = sourceOf('agent', content, 50_000);
  const second = sourceOf('server', content);
  const { into, fetch } = await prepare(t, [first, second]);
  assert.deepEqual(await fetch(), { source: 'server', receivedBytes: content.length });
  assert.equal(second.asked[0]?.from, 50_000);
  assert.ok(content.equals(await readFile(into)));
});

test('a later call goes on where an earlier one ended', async (t) => {
  const { into, fetch } = await prepare(t, [sourceOf('server', content, 50_000)]);
  await assert.rejects(fetch(), { code: 'SOURCE_UNREACHABLE' });
  assert.equal((await stat(`${into}.partial`)).size, 50_000);
  const again = sourceOf('server', content);
  await fetchTarget({ target, sources: [again], into, signal: AbortSignal.timeout(30_000) });
  assert.equal(again.asked[0]?.from, 50_000);
  assert.ok(content.equals(await readFile(into)));
});

test('wrong bytes are thrown away, and the next source is asked from the beginning', async (t) => {
  const second = sourceOf('server', content);
  const { into, fetch } = await prepare(t, [sourceOf('liar', Buffer.alloc(content.length)), second]);
  await fetch();
  assert.equal(second.asked[0]?.from, 0);
  assert.ok(content.equals(await readFile(into)));
});

test('a poisoned beginning costs one more attempt, not the file', async (t) => {
  const source = sourceOf('server', content);
  const { into, fetch } = await prepare(t, [sourceOf('liar', Buffer.alloc(content.length), 50_000), source]);
  await fetch();
  assert.deepEqual(
    source.asked.map(({ from }) => from),
    [50_000, 0],
  );
  assert.ok(content.equals(await readFile(into)));
});

test('only wrong bytes leave nothing behind', async (t) => {
  const { into, fetch } = await prepare(t, [sourceOf('liar', Buffer.alloc(content.length))]);
  await assert.rejects(fetch(), { code: 'TARGET_WRONG' });
  assert.deepEqual([await isThere(into), await isThere(`${into}.partial`)], [false, false]);
});

test('a file that is one byte longer or shorter is refused', async (t) => {
  const longer = await prepare(t, [sourceOf('liar', Buffer.concat([content, Buffer.alloc(1)]))]);
  await assert.rejects(longer.fetch(), { code: 'TARGET_WRONG' });
  assert.equal(await isThere(longer.into), false);
  const shorter = await prepare(t, [sourceOf('liar', content.subarray(1))]);
  await assert.rejects(shorter.fetch(), { code: 'SOURCE_UNREACHABLE' });
  assert.equal(await isThere(shorter.into), false);
});

test('a partial file that is longer than the file is begun anew', async (t) => {
  const source = sourceOf('server', content);
  const { into, fetch } = await prepare(t, [sourceOf('nobody', undefined), source]);
  await fetch();
  const other = `${into}-2`;
  await writeFile(`${other}.partial`, Buffer.alloc(content.length + 1));
  await fetchTarget({ target, sources: [source], into: other, signal: AbortSignal.timeout(30_000) });
  assert.equal(source.asked.at(-1)?.from, 0);
  assert.ok(content.equals(await readFile(other)));
});

test('an empty file is fetched and verified as any other', async (t) => {
  const empty = { path: 'components/a/1/full', length: 0, sha256: createHash('sha256').digest('hex') };
  const { into, fetch } = await prepare(t, [sourceOf('server', new Uint8Array())], { target: empty });
  await fetch();
  assert.equal((await stat(into)).size, 0);
  const liar = await prepare(t, [sourceOf('liar', Buffer.alloc(1))], { target: empty });
  await assert.rejects(liar.fetch(), { code: 'TARGET_WRONG' });
});

test('each hash that is signed has to be right, and one has to be there', async (t) => {
  const sha512 = createHash('sha512').update(content).digest('hex');
  const both = await prepare(t, [sourceOf('server', content)], { target: { ...target, sha512 } });
  await both.fetch();
  const one = await prepare(t, [sourceOf('server', content)], {
    target: { ...target, sha512: '0'.repeat(128) },
  });
  await assert.rejects(one.fetch(), { code: 'TARGET_WRONG' });
  const { path: name, length } = target;
  const none = await prepare(t, [sourceOf('server', content)], { target: { path: name, length } });
  await assert.rejects(none.fetch(), { code: 'TARGET_WRONG' });
});

test('without a source that has the file, the last refusal is told', async (t) => {
  const missing = await prepare(t, [sourceOf('one', undefined), sourceOf('two', undefined)]);
  await assert.rejects(missing.fetch(), { code: 'TARGET_MISSING' });
  const none = await prepare(t, []);
  await assert.rejects(none.fetch(), { code: 'TARGET_MISSING' });
});

test('an abort ends it at once, keeps what came, and asks nobody else', async (t) => {
  const controller = new AbortController();
  const second = sourceOf('server', content);
  const reason = new Error('enough');
  const { into, fetch } = await prepare(t, [sourceOf('agent', content), second], {
    signal: controller.signal,
    onProgress: ({ bytes }) => {
      if (bytes >= 50_000) controller.abort(reason);
    },
  });
  await assert.rejects(fetch(), reason);
  assert.equal(second.asked.length, 0);
  assert.equal((await stat(`${into}.partial`)).size, 50_000);
});

test('a source that hangs is left for the next one', async (t) => {
  const hanging: FileSource = { name: 'hanging', open: async () => await new Promise(() => {}) };
  const stuck: FileSource = {
    name: 'stuck',
    open: async () => ({ [Symbol.asyncIterator]: () => ({ next: async () => await new Promise(() => {}) }) }),
  };
  const { into, fetch } = await prepare(t, [hanging, stuck, sourceOf('server', content)], {
    pace: { windowMs: 30, leastBytes: 1 },
  });
  assert.equal((await fetch()).source, 'server');
  assert.ok(content.equals(await readFile(into)));
});

test('a full disk is told, and nobody else is asked', async (t) => {
  const second = sourceOf('server', content);
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  const { fetch } = await prepare(t, [sourceOf('agent', content), second], {
    onProgress: () => {
      throw new ComponentError('TARGET_DISK_FULL', 'full', { cause: full });
    },
  });
  await assert.rejects(fetch(), { code: 'TARGET_DISK_FULL' });
  assert.equal(second.asked.length, 0);
});
