import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BuildAnswer, ConsoleReplacedError, createLateLoader } from './late-loader.ts';

/** A server whose answers are written beforehand; the last one stays. Time passes when the loader waits. */
function createScript(answers: readonly BuildAnswer[]) {
  const waits: number[] = [];
  let asked = 0;
  let mended = 0;
  const loader = createLateLoader({
    askBuild: async () => answers[Math.min(asked++, answers.length - 1)] ?? 'same',
    wait: async (ms) => {
      waits.push(ms);
      await Promise.resolve();
    },
    mend: async () => void (mended += 1),
  });
  return { loader, waits, asked: () => asked, mended: () => mended };
}

/** A part that fails as often as it is told, and then comes. */
function createPart(failures: number) {
  let tries = 0;
  return {
    fetchPart: async () => {
      tries += 1;
      if (tries <= failures) throw new TypeError('Failed to fetch dynamically imported module');
      return 'the part';
    },
    tries: () => tries,
  };
}

test('a part that comes is the part, and nobody is asked anything', async () => {
  const { loader, asked } = createScript(['same']);
  assert.equal(await loader.load(createPart(0).fetchPart), 'the part');
  assert.equal(asked(), 0);
});

test('while the server is away the part is waited for, which shows, and it comes by itself', async () => {
  const { loader, waits, mended } = createScript(['away', 'away', 'away', 'away', 'away', 'away', 'same']);
  const shown: boolean[] = [];
  loader.subscribe(() => shown.push(loader.isWaiting()));
  const part = createPart(1);
  assert.equal(await loader.load(part.fetchPart), 'the part');
  assert.equal(part.tries(), 2, 'a server that is away is not asked for the part');
  assert.equal(mended(), 1);
  assert.deepEqual(shown, [true, false]);
  assert.ok(Math.max(...waits) <= 5_000);
});

test('many parts wait with one question', async () => {
  const { loader, asked } = createScript(['away', 'away', 'same']);
  const parts = Array.from({ length: 5 }, () => loader.load(createPart(1).fetchPart));
  assert.deepEqual(new Set(await Promise.all(parts)), new Set(['the part']));
  assert.equal(asked(), 3);
});

test('a console that was replaced is told as such, also after the server was away', async () => {
  for (const answers of [['replaced'], ['away', 'replaced']] as const) {
    const { loader } = createScript(answers);
    await assert.rejects(loader.load(createPart(1).fetchPart), ConsoleReplacedError);
    assert.equal(loader.isWaiting(), false);
  }
});

test('a part that the server serves and that cannot be loaded fails as what it is', async () => {
  const { loader } = createScript(['same']);
  const part = createPart(100);
  await assert.rejects(loader.load(part.fetchPart), /Failed to fetch/u);
  assert.equal(part.tries(), 3);
});

test('a part that is on its way for long shows whether the server is there at all', async () => {
  const { loader } = createScript(['away', 'same']);
  const shown: boolean[] = [];
  loader.subscribe(() => shown.push(loader.isWaiting()));
  const coming = Promise.withResolvers<string>();
  const loaded = loader.load(() => coming.promise);
  await loader.waitForServer();
  coming.resolve('late');
  assert.equal(await loaded, 'late');
  assert.deepEqual(shown, [true, false]);
});
