import assert from 'node:assert/strict';
import { cp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ComponentError, type ComponentErrorCode } from '../component.errors.ts';
import { metadataLimits } from '../metadata/index.ts';
import { systemDisk } from '../disk.ts';
import { createRepository, defaultLifetimesMs } from '../repository/index.ts';
import { planPublication, publishPlan } from '../repository/publication.ts';
import { readPublished } from '../repository/repository-folder.ts';
import {
  allKeys,
  makeClient,
  makeFolder,
  makeRepository,
  newKey,
  newKeys,
  onlineKeys,
  rolesOf,
  type TestRepository,
} from '../testing/test-repository.ts';
import { type Answer, serveFolder } from '../testing/test-web-server.ts';
import { fetchTarget } from './fetch-target.ts';
import { createFolderStore, createUpdateClient, createWebSource, type Pace } from './index.ts';

// The attacks that the TUF specification names (section 1.5.2), each by whoever serves the files: the server's network path, a
// mirror, an Active Agent. The source is a real HTTP server that does what it likes. Each has its bound.

const patient: Pace = { windowMs: 10_000, leastBytes: 1000 };
const impatient: Pace = { windowMs: 300, leastBytes: 1000 };

async function besiege(t: TestContext, pace: Pace = patient) {
  const made = await makeRepository(t);
  let answer: Answer = () => false;
  const server = await serveFolder(
    t,
    made.folder,
    async (request, response) => await answer(request, response),
  );
  const home = await makeFolder(t);
  const store = createFolderStore(path.join(home, 'trusted'));
  await store.write('root.json', await readFile(path.join(made.folder, 'metadata', '1.root.json')));
  const source = createWebSource({ url: server.url, name: 'hostile', silenceMs: pace.windowMs });
  const client = createUpdateClient({ store, source, clock: made.clock, pace });
  const refresh = async () => await client.refresh(t.signal);
  return {
    made,
    server,
    home,
    source,
    refresh,
    trusted: async () => await client.trusted(),
    attack: (next: Answer) => {
      answer = next;
    },
    /** The refusal, and that what was trusted before is trusted still. */
    refuse: async (code: ComponentErrorCode) => {
      const before = await client.trusted();
      await assert.rejects(refresh(), { code });
      assert.deepEqual((await client.trusted())?.versions.targets, before?.versions.targets);
    },
    fetchNewest: async (id: string) => {
      const release = (await refresh()).components.get(id)?.newest;
      assert.ok(release);
      const into = path.join(home, 'file');
      await fetchTarget({ target: release.full, sources: [source], into, signal: t.signal, pace });
      return await readFile(into, 'utf8');
    },
  };
}

/** A copy of everything that the repository serves now, to be served later. */
async function record({ folder }: { readonly folder: string }): Promise<Map<string, Buffer>> {
  const names = await readdir(path.join(folder, 'metadata'));
  return new Map(
    await Promise.all(
      names.map(
        async (name) => [`/metadata/${name}`, await readFile(path.join(folder, 'metadata', name))] as const,
      ),
    ),
  );
}

function send(response: ServerResponse, bytes: Uint8Array): true {
  response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  return true;
}

/** Sends for ever, as fast as it is taken; counts what was taken. */
function sendForEver(response: ServerResponse, sent: { bytes: number }): true {
  response.writeHead(200);
  const piece = Buffer.alloc(64 * 1024, 'x');
  const more = (): void => {
    while (!response.destroyed && response.write(piece)) sent.bytes += piece.length;
    sent.bytes += piece.length;
  };
  response.on('drain', more);
  more();
  return true;
}

test('arbitrary files: what nobody signed is neither metadata nor a file', async (t) => {
  const { made, attack, refuse, fetchNewest, home, refresh } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  // A whole repository of the attacker's, with everything right but the keys.
  const other = await makeRepository(t);
  await other.publish('rules', 1, 'evil');
  await other.publish('rules', 2, 'more evil');
  const evil = await record(other);
  attack(({ url = '' }, response) => {
    const bytes = evil.get(url);
    return bytes === undefined || url.endsWith('root.json') ? false : send(response, bytes);
  });
  await refuse('METADATA_UNSIGNED');
  attack(({ url = '' }, response) => url.startsWith('/targets/') && send(response, Buffer.from('evil')));
  await assert.rejects(fetchNewest('rules'), { code: 'TARGET_WRONG' });
  assert.deepEqual((await readdir(home)).sort(), ['trusted']);
});

test('endless data: no file takes more than its bound, neither of metadata nor of a target', async (t) => {
  const { made, attack, refuse, fetchNewest, home } = await besiege(t);
  await made.publish('rules', 1, 'good');
  // A socket and two streams hold some more than what has been read.
  const slack = 4 * 1024 * 1024;
  for (const [pattern, limit] of [
    [/2\.root\.json$/, metadataLimits.rootBytes],
    [/timestamp\.json$/, metadataLimits.timestampBytes],
    [/snapshot\.json$/, 1000],
    [/targets\.json$/, 5000],
  ] as const) {
    const sent = { bytes: 0 };
    attack(({ url = '' }, response) => pattern.test(url) && sendForEver(response, sent));
    await refuse('METADATA_TOO_LARGE');
    assert.ok(sent.bytes < limit + slack, `${sent.bytes} for ${pattern}`);
  }
  const sent = { bytes: 0 };
  attack(({ url = '' }, response) => url.startsWith('/targets/') && sendForEver(response, sent));
  await assert.rejects(fetchNewest('rules'), { code: 'TARGET_WRONG' });
  assert.ok(sent.bytes < slack);
  assert.deepEqual((await readdir(home)).sort(), ['trusted']);
});

test('slow data: silence, and one byte now and then, are given up within the pace', async (t) => {
  const { made, attack, refuse, source, home } = await besiege(t, impatient);
  await made.publish('rules', 1, 'good'.repeat(1000));
  const patiently = await makeClient(t, made);
  const full = (await patiently.refresh()).components.get('rules')?.newest.full;
  assert.ok(full);
  const drip = (response: ServerResponse): true => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(timer));
    return true;
  };
  const ways: readonly ((response: ServerResponse) => true)[] = [
    // No answer; its head alone; and drops.
    () => true,
    (response) => {
      response.writeHead(200).flushHeaders();
      return true;
    },
    drip,
  ];
  for (const way of ways) {
    attack((_, response) => way(response));
    const startedAt = performance.now();
    await refuse('SOURCE_SLOW');
    const fetch = { target: full, sources: [source], into: path.join(home, 'file'), signal: t.signal };
    await assert.rejects(fetchTarget({ ...fetch, pace: impatient }), { code: 'SOURCE_SLOW' });
    // Without the bound it would wait for ever.
    assert.ok(performance.now() - startedAt < patient.windowMs);
  }
});

test('extraneous dependency: what a component needs is signed with it, and nothing else is fetched', async (t) => {
  const { made, attack, refuse, refresh } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  await made.publish('rules', 2, 'better');
  // The attacker writes a dependency into what is signed.
  attack(async ({ url = '' }, response) => {
    if (!url.endsWith('.targets.json')) return false;
    const text = await readFile(path.join(made.folder, url), 'utf8');
    const forged = text.replaceAll('"dependencies":[]', '"dependencies":[{"component":"evil"}]');
    assert.notEqual(forged, text);
    return send(response, Buffer.from(forged));
  });
  await assert.rejects(
    refresh(),
    (error) => error instanceof ComponentError && /TOO_LARGE|MISMATCHED/.test(error.code),
  );
  await refuse('METADATA_TOO_LARGE');
});

test('fast-forward: whoever has no key cannot raise a version, and after a theft new keys lead back', async (t) => {
  const { made, attack, refuse, refresh } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  attack(async ({ url = '' }, response) => {
    if (!url.endsWith('timestamp.json')) return false;
    const text = await readFile(path.join(made.folder, url), 'utf8');
    return send(response, Buffer.from(text.replace(/"version":\d+/, `"version":${Number.MAX_SAFE_INTEGER}`)));
  });
  await refuse('METADATA_UNSIGNED');
  // With the stolen online keys the attacker makes the client believe in a version that is never reached again.
  attack(() => false);
  const thief = await steal(t, made);
  await thief.raiseVersions();
  const stolen = await record(thief);
  attack(({ url = '' }, response) => {
    const bytes = stolen.get(url);
    return bytes !== undefined && !url.endsWith('root.json') && send(response, bytes);
  });
  await refresh();
  attack(() => false);
  await refuse('METADATA_ROLLED_BACK');
  const next = newKeys();
  const { snapshot, timestamp } = rolesOf(next).roles;
  await made.repository.rotateKeys({
    roles: { snapshot, timestamp },
    keys: [...allKeys(made.keys), ...onlineKeys(next)],
  });
  assert.equal((await refresh()).versions.root, 2);
});

/** What whoever has stolen the online keys makes of a copy of the repository. */
async function steal(t: TestContext, { folder, keys, clock }: TestRepository) {
  const copy = path.join(await makeFolder(t), 'copy');
  await cp(folder, copy, { recursive: true });
  const repository = createRepository({ folder: copy, clock });
  return {
    folder: copy,
    repository,
    raiseVersions: async () => {
      for (let count = 0; count < 5; count += 1) await repository.refresh(onlineKeys(keys));
    },
  };
}

test("indefinite freeze: yesterday's metadata are believed until they expire, and no longer", async (t) => {
  const { made, attack, refresh, refuse, trusted } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  const frozen = await record(made);
  await made.publish('rules', 2, 'better');
  attack(({ url = '' }, response) => {
    const bytes = frozen.get(url);
    return bytes !== undefined && send(response, bytes);
  });
  assert.equal((await refresh()).components.get('rules')?.newest.release, 1);
  made.clock.nowMs += 2 * 24 * 60 * 60_000 - 1;
  await refresh();
  made.clock.nowMs += 1;
  await refuse('METADATA_EXPIRED');
  // Neither is what is stored believed any longer.
  assert.equal(await trusted(), undefined);
  // A clock that goes wrong by a year has the same end, and the way back when it is right again.
  attack(() => false);
  made.clock.nowMs += 365 * 24 * 60 * 60_000;
  await refuse('METADATA_EXPIRED');
  made.clock.nowMs -= 367 * 24 * 60 * 60_000;
  assert.equal((await refresh()).components.get('rules')?.newest.release, 2);
});

test('malicious mirror: one that refuses, lies or breaks off costs one attempt, and the next one serves', async (t) => {
  const { made, attack, source, refresh, home } = await besiege(t);
  await made.publish('rules', 1, 'good'.repeat(10_000));
  const release = (await refresh()).components.get('rules')?.newest;
  assert.ok(release);
  const honest = createWebSource({ url: (await serveFolder(t, made.folder)).url, name: 'honest' });
  const mirrors: readonly [name: string, answer: Answer][] = [
    ['refuses', (_, response) => Boolean(response.writeHead(503).end())],
    ['has nothing', (_, response) => Boolean(response.writeHead(404).end())],
    [
      'redirects',
      (_, response) => Boolean(response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
    ],
    [
      'lies about the length',
      (_, response) => Boolean(response.writeHead(200, { 'content-length': 1 }).end('g')),
    ],
    [
      'breaks off',
      (_, response) =>
        Boolean(
          response.writeHead(200, { 'content-length': 40_000 }).write('good', () => response.destroy()),
        ),
    ],
    [
      'compresses',
      (_, response) => Boolean(response.writeHead(200, { 'content-encoding': 'gzip' }).end('good')),
    ],
    [
      'sends another part',
      (_, response) => Boolean(response.writeHead(206, { 'content-range': 'bytes 7-9/40000' }).end('goo')),
    ],
    [
      'sends a hundred headers of a kilobyte',
      (_, response) => Boolean(response.writeHead(200, { 'x-y': 'x'.repeat(100_000) }).end('x')),
    ],
    ['sends the right length of something else', (_, response) => send(response, Buffer.alloc(40_000))],
  ];
  for (const [name, answer] of mirrors) {
    attack(answer);
    const into = path.join(home, name);
    const fetched = await fetchTarget({
      target: release.full,
      sources: [source, honest],
      into,
      signal: t.signal,
    });
    assert.equal(fetched.source, 'honest', name);
    assert.equal((await stat(into)).size, 40_000);
  }
});

test('mix-and-match: parts of two states that were each signed make no third', async (t) => {
  const { made, attack, refresh, refuse } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  await made.publish('rules', 2, 'better');
  const second = await record(made);
  await made.publish('rules', 3, 'best');
  const swap = (wanted: RegExp, served: string): void =>
    attack(({ url = '' }, response) => {
      const bytes = second.get(served);
      return wanted.test(url) && bytes !== undefined && send(response, bytes);
    });
  swap(/4\.snapshot\.json$/, '/metadata/3.snapshot.json');
  await refuse('METADATA_MISMATCHED');
  swap(/4\.targets\.json$/, '/metadata/3.targets.json');
  await assert.rejects(refresh(), { code: 'METADATA_MISMATCHED' });
  attack(() => false);
  assert.equal((await refresh()).components.get('rules')?.newest.release, 3);
});

test('rollback: an older state is refused, whether the key is stolen or not', async (t) => {
  const { made, attack, refresh, refuse } = await besiege(t);
  await made.publish('rules', 1, 'old');
  const old = await record(made);
  const thief = await steal(t, made);
  await made.publish('rules', 2, 'new');
  await refresh();
  attack(({ url = '' }, response) => {
    const bytes = old.get(url);
    return bytes !== undefined && send(response, bytes);
  });
  await refuse('METADATA_ROLLED_BACK');
  // The thief signs old targets into a new timestamp and a new snapshot.
  await thief.raiseVersions();
  const stolen = await record(thief);
  attack(({ url = '' }, response) => {
    const bytes = stolen.get(url);
    return bytes !== undefined && send(response, bytes);
  });
  await refuse('METADATA_ROLLED_BACK');
});

test('key compromise: stolen online keys bring no program and no file of targets', async (t) => {
  const { made, attack, refresh, refuse } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  // Stolen: snapshot, timestamp, feeds, and one of three keys of targets. Two are needed.
  const thief = await steal(t, made);
  // With the key of feeds, and tools that keep to no rule: a program, and another release of what targets signs for.
  const before = await readPublished(thief.folder);
  assert.ok(before);
  const entry = (id: string, kind: string) => ({
    length: 4,
    hashes: { sha256: 'ab'.repeat(32) },
    custom: {
      component: { id, kind, title: 'x', platforms: ['any'], handler: 'x', dependencies: [] },
      release: 9,
      version: '9',
    },
  });
  const feeds = {
    'feeds/agent/9/full': entry('agent', 'program'),
    'feeds/rules/9/full': entry('rules', 'rules'),
    'components/rules/9/full': entry('rules', 'rules'),
    'feeds/harmless/9/full': entry('harmless', 'rules'),
  };
  const times = { nowMs: made.clock.nowMs, lifetimesMs: defaultLifetimesMs };
  const nothing = { root: undefined, targets: undefined };
  const plan = planPublication({ before, ...nothing, feeds, keys: onlineKeys(made.keys), ...times });
  await publishPlan(thief.folder, systemDisk, plan);
  const raised = await record(thief);
  attack(({ url = '' }, response) => {
    const bytes = raised.get(url);
    return bytes !== undefined && send(response, bytes);
  });
  const { components, refused } = await refresh();
  assert.deepEqual([...components.keys()].sort(), ['harmless', 'rules']);
  assert.equal(components.get('rules')?.newest.release, 1);
  assert.deepEqual(refused.map(({ path: name }) => name).sort(), [
    'components/rules/9/full',
    'feeds/agent/9/full',
    'feeds/rules/9/full',
  ]);
  // And with one key of targets besides.
  const { snapshot, timestamp, feeds: feedKeys } = made.keys;
  const online = { snapshot, timestamp, feeds: feedKeys };
  const other = await makeRepository(t, {
    keys: { ...newKeys(), ...online, targets: [...made.keys.targets.slice(0, 1), newKey(), newKey()] },
  });
  for (const release of [1, 2, 3]) await other.publish('rules', release, 'evil');
  await other.publish('harmless', 9, 'evil', { area: 'feeds' });
  for (let count = 0; count < 3; count += 1) await other.repository.refresh(onlineKeys(other.keys));
  const forged = await record(other);
  attack(({ url = '' }, response) => {
    const bytes = forged.get(url);
    return bytes !== undefined && !url.endsWith('root.json') && send(response, bytes);
  });
  await refuse('METADATA_UNSIGNED');
});

test('wrong software: a file of one component does not pass for that of another, nor an old one for a new one', async (t) => {
  const { made, attack, fetchNewest } = await besiege(t);
  await made.publish('rules', 1, 'rules, release 1');
  await made.publish('other', 1, 'other, release 1');
  await made.publish('rules', 2, 'rules, release 2');
  const files = (await readdir(path.join(made.folder, 'targets'), { recursive: true })).filter((name) =>
    name.endsWith('.full'),
  );
  const find = (part: string): string => files.find((name) => name.includes(part)) ?? '';
  for (const served of [find('other/1'), find('rules/1')]) {
    const bytes = await readFile(path.join(made.folder, 'targets', served));
    attack(({ url = '' }, response) => url.includes('/rules/2/') && send(response, bytes));
    await assert.rejects(fetchNewest('rules'), { code: 'TARGET_WRONG' });
  }
  attack(() => false);
  assert.equal(await fetchNewest('rules'), 'rules, release 2');
});

test('a stored file that somebody changed is as if it were not there', async (t) => {
  const { made, home, refresh, trusted } = await besiege(t);
  await made.publish('rules', 1, 'good');
  await refresh();
  for (const name of ['timestamp.json', 'snapshot.json', 'targets.json']) {
    const file = path.join(home, 'trusted', name);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"_type"', '"_typo"'));
    assert.equal(await trusted(), undefined);
    await refresh();
    assert.ok(await trusted());
  }
});
