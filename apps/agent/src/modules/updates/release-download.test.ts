import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ComponentError, type ComponentRelease, type SignedFile } from '@holdfast/components';
import type { FileSource } from '@holdfast/components/client';
import { makeIncrement } from '@holdfast/components/increments';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { createComponentFiles } from './component-files.ts';
import { createReleaseDownload, type ReleaseDownloadOptions } from './release-download.ts';
import { describeComponent, noSignal } from '../../testing/test-component.ts';

const component = describeComponent('list', 'plain-file');
const signed = (path: string, content: Uint8Array): SignedFile => ({
  path,
  length: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
});

interface Bench {
  readonly home: string;
  readonly files: ReturnType<typeof createComponentFiles>;
  /** Bytes of the files by their path in the repository, and which were asked for, from where on. */
  readonly served: Map<string, Uint8Array>;
  readonly asked: string[];
  /** Breaks off after so many bytes, once. */
  breakAfter: number;
  fetch(release: ComponentRelease, held?: number, signal?: AbortSignal): Promise<void>;
}

function setUp(t: TestContext, options: Partial<ReleaseDownloadOptions> = {}): Bench {
  const home = createTemporaryFolder(t);
  const files = createComponentFiles(home);
  const served = new Map<string, Uint8Array>();
  const asked: string[] = [];
  const source: FileSource = {
    name: 'a test',
    open: async (path, { from }) => {
      const key = path.replace('targets/', '').replace(/[0-9a-f]{64}\./u, '');
      asked.push(`${key} ${from}`);
      const bytes = served.get(key);
      return bytes === undefined ? undefined : pieces(bytes.subarray(from));
    },
  };
  async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    const limit = bench.breakAfter;
    bench.breakAfter = Number.POSITIVE_INFINITY;
    for (let at = 0; at < bytes.length; at += 1_000) {
      if (at >= limit) throw new ComponentError('SOURCE_UNREACHABLE', 'It broke off.', { retry: 'safe' });
      yield bytes.subarray(at, at + 1_000);
    }
  }
  const download = createReleaseDownload({ files, home, log: createSilentLog(), ...options });
  const bench: Bench = {
    home,
    files,
    served,
    asked,
    breakAfter: Number.POSITIVE_INFINITY,
    fetch: async (release, held, signal = noSignal) =>
      await download({ release, held, sources: [source], signal, onProgress: () => undefined }),
  };
  return bench;
}

const contentOf = (release: number): Buffer =>
  Buffer.from(
    Array.from({ length: 3_000 }, (_, at) => `line ${at} ${(at * 7_919) % 10_007}\n`).join('') +
      `end ${release}\n`,
  );

function releaseOf(bench: Bench, release: number): ComponentRelease {
  const path = `components/list/${release}/full`;
  bench.served.set(path, contentOf(release));
  return {
    component,
    release,
    version: `v${release}`,
    isUrgent: false,
    full: signed(path, contentOf(release)),
    increments: [],
  };
}

async function withIncrement(
  t: TestContext,
  bench: Bench,
  release: number,
  from: number,
): Promise<ComponentRelease> {
  const folder = createTemporaryFolder(t);
  const [oldFile, newFile, into] = ['old', 'new', 'increment'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(oldFile, contentOf(from));
  writeFileSync(newFile, contentOf(release));
  const { encoding } = await makeIncrement({ oldFile, newFile, into });
  const path = `components/list/${release}/from-${from}`;
  const bytes = readFileSync(into);
  bench.served.set(path, bytes);
  return { ...releaseOf(bench, release), increments: [{ ...signed(path, bytes), from, encoding }] };
}

function held(bench: Bench, release: number): Buffer {
  return readFileSync(bench.files.heldPath('list', release));
}

test('a download that broke off goes on where it was, and is readable for whoever uses it', async (t) => {
  const bench = setUp(t);
  const release = releaseOf(bench, 1);
  bench.breakAfter = 20_000;
  await assert.rejects(bench.fetch(release), { code: 'SOURCE_UNREACHABLE' });
  assert.ok(!bench.files.isHeld('list', 1), 'half of it is not taken for all of it');
  await bench.fetch(release);
  assert.deepEqual(bench.asked, ['components/list/1/full 0', 'components/list/1/full 20000']);
  assert.deepEqual(held(bench, 1), contentOf(1));
  assert.equal(statSync(bench.files.heldPath('list', 1)).mode & 0o777, 0o644);
  await bench.fetch(release);
  assert.equal(bench.asked.length, 2, 'what is there is not fetched again');
});

test('an increment is used when the release that it starts from is held, and leaves nothing behind', async (t) => {
  const bench = setUp(t);
  await bench.fetch(releaseOf(bench, 1));
  bench.asked.length = 0;
  await bench.fetch(await withIncrement(t, bench, 2, 1), 1);
  assert.deepEqual(bench.asked, ['components/list/2/from-1 0']);
  assert.deepEqual(held(bench, 2), contentOf(2));
  assert.deepEqual(readdirSync(join(bench.home, 'components/list')).sort(), ['1', '2']);
  assert.equal(statSync(bench.files.heldPath('list', 2)).mode & 0o777, 0o644);
});

test('without the release that it starts from, or with one that somebody changed, the full file comes', async (t) => {
  const bench = setUp(t);
  await bench.fetch(await withIncrement(t, bench, 2, 1), 1);
  assert.deepEqual(bench.asked, ['components/list/2/full 0']);
  writeFileSync(bench.files.heldPath('list', 2), 'changed on this computer');
  bench.asked.length = 0;
  await bench.fetch(await withIncrement(t, bench, 3, 2), 2);
  assert.deepEqual(bench.asked, ['components/list/3/from-2 0', 'components/list/3/full 0']);
  assert.deepEqual(held(bench, 3), contentOf(3));
});

test('a signed increment that yields something else than the signed file is not believed', async (t) => {
  const bench = setUp(t);
  await bench.fetch(releaseOf(bench, 1));
  const other = await withIncrement(t, bench, 2, 1);
  const wanted = releaseOf(bench, 3);
  const lying = { ...wanted, increments: other.increments.map((one) => ({ ...one })) };
  bench.asked.length = 0;
  await bench.fetch(lying, 1);
  assert.deepEqual(held(bench, 3), contentOf(3));
  assert.deepEqual(bench.asked.at(-1), 'components/list/3/full 0');
});

test('without room nothing is fetched, and it is said how much is needed', async (t) => {
  const bench = setUp(t, { readFreeBytes: async () => 67_108_864 });
  await assert.rejects(bench.fetch(releaseOf(bench, 1)), { code: 'COMPONENT_NO_ROOM' });
  assert.deepEqual(bench.asked, []);
});

test('a download that is ended leaves what it has for the next one, and nothing that counts as a release', async (t) => {
  const bench = setUp(t);
  const controller = new AbortController();
  const release = releaseOf(bench, 1);
  const download = createReleaseDownload({ files: bench.files, home: bench.home, log: createSilentLog() });
  const source: FileSource = {
    name: 'a test',
    open: async () =>
      (async function* () {
        yield contentOf(1).subarray(0, 5_000);
        controller.abort(new Error('ended'));
        yield contentOf(1).subarray(5_000, 6_000);
      })(),
  };
  const ended = download({
    release,
    held: undefined,
    sources: [source],
    signal: controller.signal,
    onProgress: () => undefined,
  });
  await assert.rejects(ended, /ended/u);
  assert.ok(!existsSync(bench.files.heldPath('list', 1)));
  await bench.fetch(release);
  assert.notEqual(bench.asked[0], 'components/list/1/full 0');
});
