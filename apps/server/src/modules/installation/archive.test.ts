import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { pino } from 'pino';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { writeArchive } from './archive-file.ts';
import { ArchiveShelf, type ArchiveSources } from './archive-shelf.ts';
import { formatInstallScript } from './install-script.ts';
import { isProgramFor } from './program-file.ts';
import { formatTarHeader } from './tar-entry.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-archive-'));
});
after(async () => await rm(folder, { recursive: true }));

const log = pino({ level: 'silent' });
const clock = createTestClock();

/** The head of an ELF program, and some bytes that do not compress to nothing. */
function programFor(machine: number, size = 70_000): Buffer {
  const program = Buffer.alloc(size);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]).copy(program);
  program.writeUInt16LE(machine, 18);
  for (let at = 64; at < size; at += 1) program[at] = (at * 31) % 251;
  return program;
}

async function place(name: string, content: string | Buffer): Promise<string> {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

test('an archive is what tar takes out again, and the same files are the same bytes whatever their times and owners', async () => {
  const agent = await place('a/agent.mjs', 'x'.repeat(1_000));
  const node = await place('a/node', programFor(62));
  const files = [
    { name: 'agent.mjs', mode: 0o644, path: agent },
    { name: 'node', mode: 0o755, path: node },
  ];
  const target = path.join(folder, 'a.tar.gz');
  const first = await writeArchive(target, 'top', files);
  const bytes = await readFile(target);
  assert.equal(createHash('sha256').update(bytes).digest('hex'), first.sha256);
  assert.equal(bytes.length, first.sizeBytes);
  const out = path.join(folder, 'out');
  await mkdir(out);
  execFileSync('tar', ['-xzf', target, '-C', out]);
  assert.deepEqual(await readFile(path.join(out, 'top/node')), programFor(62));
  assert.equal((await stat(path.join(out, 'top/node'))).mode & 0o777, 0o755);
  assert.equal((await readFile(path.join(out, 'top/agent.mjs'), 'utf8')).length, 1_000);
  await utimes(agent, 1, 1);
  await chmod(node, 0o600);
  assert.deepEqual(await writeArchive(target, 'top', files), first);
});

test('what does not fit a tar header is refused', () => {
  const entry = { name: 'a', mode: 0o644, sizeBytes: 1 };
  for (const wrong of [
    { name: 'a'.repeat(101) },
    { name: 'a b' },
    { name: '' },
    { sizeBytes: -1 },
    { sizeBytes: NaN },
    { sizeBytes: 8 ** 11 },
  ])
    assert.throws(() => formatTarHeader({ ...entry, ...wrong }), RangeError, JSON.stringify(wrong));
  assert.equal(formatTarHeader({ ...entry, name: 'a'.repeat(100) }).length, 512);
});

test('a runtime is one for its kind of computer, or none', async () => {
  assert.equal(await isProgramFor(await place('x64', programFor(62)), 'linux-x64'), 'yes');
  assert.equal(await isProgramFor(await place('x64', programFor(62)), 'linux-arm64'), 'no');
  assert.equal(await isProgramFor(await place('script', '#!/bin/sh\nexec node'), 'linux-x64'), 'no');
  assert.equal(await isProgramFor(await place('short', 'ELF'), 'linux-x64'), 'no');
  assert.equal(await isProgramFor(folder, 'linux-x64'), 'no');
  assert.equal(await isProgramFor(path.join(folder, 'none'), 'linux-x64'), 'missing');
});

async function createShelf(
  name: string,
  more: Partial<ArchiveSources> = {},
): Promise<{ shelf: ArchiveShelf; sources: ArchiveSources }> {
  const sources: ArchiveSources = {
    archivesFolder: path.join(folder, name, 'archives'),
    runtimesFolder: path.join(folder, name, 'runtimes'),
    agentProgram: await place(`${name}/agent.mjs`, 'the agent'),
    ownRuntime: {
      platform: 'linux-x64',
      file: await place(`${name}/package/bin/node`, programFor(62)),
      isPortable: true,
    },
    ...more,
  };
  await place(`${name}/package/LICENSE`, 'the licence');
  return { shelf: new ArchiveShelf({ version: '1.2.3', log, clock, sources }), sources };
}

test('each system has its archive, or why there is none', async () => {
  const { shelf, sources } = await createShelf('systems');
  const [x64, arm64] = await shelf.list();
  assert.equal(x64?.archive?.fileName, 'holdfast-agent-1.2.3-linux-x64.tar.gz');
  assert.equal(arm64?.obstacle, 'no-runtime');
  const list = execFileSync('tar', ['-tzf', x64.archive.path], { encoding: 'utf8' });
  assert.equal(
    list,
    'holdfast-agent/\nholdfast-agent/LICENSE.node\nholdfast-agent/agent.mjs\nholdfast-agent/node\n',
  );
  // An administrator brings a runtime for another system, first a wrong one.
  await place('systems/runtimes/linux-arm64/node', programFor(62));
  assert.equal((await shelf.list())[1]?.obstacle, 'runtime-unusable');
  await place('systems/runtimes/linux-arm64/node', programFor(183));
  assert.equal((await shelf.list())[1]?.archive?.fileName, 'holdfast-agent-1.2.3-linux-arm64.tar.gz');
  await rm(sources.agentProgram);
  assert.deepEqual(
    (await shelf.list()).map(({ obstacle }) => obstacle),
    ['agent-not-built', 'agent-not-built'],
  );
  const { shelf: shared } = await createShelf('shared', {
    ownRuntime: { platform: 'linux-x64', file: process.execPath, isPortable: false },
  });
  assert.equal((await shared.list())[0]?.obstacle, 'runtime-not-portable');
  const nothing = await new ArchiveShelf({ version: '1.2.3', log, clock, sources: undefined }).list();
  assert.ok(nothing.every(({ obstacle }) => obstacle === 'agent-not-built'));
});

test('an archive is made once, also for many at once and over a restart, and anew when what it is made of changes', async () => {
  const { shelf, sources } = await createShelf('once');
  const many = await Promise.all([shelf.list(), shelf.list(), shelf.list()]);
  const archive = many[0][0]?.archive;
  assert.ok(archive && many.every(([one]) => one?.archive?.sha256 === archive.sha256));
  const madeAt = (await stat(archive.path)).mtimeMs;
  const next = new ArchiveShelf({ version: '1.2.3', log, clock, sources });
  assert.deepEqual((await next.list())[0]?.archive, archive);
  assert.equal((await stat(archive.path)).mtimeMs, madeAt);
  await writeFile(sources.agentProgram, 'another agent');
  const changed = (await next.list())[0]?.archive;
  assert.notEqual(changed?.sha256, archive.sha256);
  // Cut off, or without what says what it is: made again, with the same content.
  await writeFile(archive.path, 'cut');
  assert.equal((await next.list())[0]?.archive?.sha256, changed?.sha256);
  await writeFile(`${archive.path}.json`, '{"madeOf":1}');
  assert.equal((await next.list())[0]?.archive?.sha256, changed?.sha256);
  const later = new ArchiveShelf({ version: '1.2.4', log, clock, sources });
  await later.list();
  await assert.rejects(stat(archive.path), { code: 'ENOENT' }, 'the one of the earlier version is gone');
});

test('an archive that cannot be made is left alone for a minute, takes no other away, and comes when it can be made', async () => {
  const time = createTestClock();
  const { sources } = await createShelf('full');
  await place('full/runtimes/linux-arm64/node', programFor(183));
  let looks = 0;
  let free = 1_000_000_000;
  const shelf = new ArchiveShelf({
    version: '1.2.3',
    log,
    clock: time,
    sources,
    readFreeBytes: async () => {
      looks += 1;
      return await Promise.resolve(free);
    },
  });
  const obstacles = async () => (await shelf.list()).map(({ obstacle }) => obstacle);
  // What stands in the way of one: a folder where its archive should be written.
  const stone = path.join(sources.archivesFolder, 'holdfast-agent-1.2.3-linux-x64.tar.gz.json');
  await mkdir(stone, { recursive: true });
  assert.deepEqual(await obstacles(), ['not-made', null]);
  assert.deepEqual(await obstacles(), ['not-made', null]);
  await rm(stone, { recursive: true });
  assert.deepEqual(await obstacles(), ['not-made', null], 'strangers do not have it tried at once');
  time.advance(60_000);
  assert.deepEqual(await obstacles(), [null, null]);

  await rm(sources.archivesFolder, { recursive: true });
  free = 100_000_000;
  looks = 0;
  for (let count = 0; count < 5; count += 1) assert.deepEqual(await obstacles(), ['no-room', 'no-room']);
  assert.equal(looks, 2, 'once for each system');
  assert.deepEqual(await readdir(sources.archivesFolder), [], 'nothing was begun');
  free = 1_000_000_000;
  time.advance(60_000);
  assert.deepEqual(await obstacles(), [null, null]);
});

test('the script knows the archives and nothing else, and is the same as long as they are', () => {
  const archive = {
    platform: 'linux-x64',
    fileName: 'a.tar.gz',
    path: '/hidden/place',
    sha256: 'a'.repeat(64),
    sizeBytes: 5,
  } as const;
  const { text, sha256 } = formatInstallScript('1.2.3', [archive]);
  assert.match(text, /^VERSION='1\.2\.3'$/mu);
  assert.match(text, new RegExp(`^ARCHIVES='linux-x64 a\\.tar\\.gz ${'a'.repeat(64)} 5'$`, 'mu'));
  assert.doesNotMatch(text, /hidden/u);
  assert.equal(formatInstallScript('1.2.3', [archive]).sha256, sha256);
  assert.equal(createHash('sha256').update(text).digest('hex'), sha256);
  assert.throws(() => formatInstallScript("1'; rm -rf /", [archive]), RangeError);
  execFileSync('sh', ['-n'], { input: text });
});
