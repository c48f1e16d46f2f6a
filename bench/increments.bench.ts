import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { createIncrementMaker } from '@holdfast/components/increments';
import { writePatternFiles } from './increments/pattern-file.ts';
import { histories } from './increments/version-pairs.ts';
import { describeMachine } from './machine.ts';
import { readOption, readTextOption } from './report.ts';

// Bytes of an increment beside those of xdelta3 -9, bsdiff and zstd -19 --patch-from, for pairs of real releases and for a generated
// pattern file; processor time to make, and time and memory to apply. `--only NAME` takes one history, `--most BYTES` leaves larger files out.

const run = promisify(execFile);
const cache = new URL('../.cache/increments/', import.meta.url).pathname;
const subject = new URL('./increments/apply.subject.ts', import.meta.url).pathname;
const only = readTextOption('only');
const most = readOption('most', 256 * 2 ** 20);
const DAYS = 15;

interface Pair {
  readonly name: string;
  readonly old: string;
  readonly fresh: string;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** One release of a history as one file, fetched once. */
async function fetchRelease(name: string, version: string, path: string): Promise<string> {
  const file = join(cache, `${name.replace('/', '+')}-${version}`);
  if (await exists(file)) return file;
  await mkdir(dirname(file), { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    await run('npm', ['pack', '--silent', '--pack-destination', folder, `${name}@${version}`]);
    const [archive = ''] = await readdir(folder);
    await run('tar', ['xzf', join(folder, archive), '-C', folder, `package/${path.replace(/\/$/, '')}`]);
    const root = join(folder, 'package', path);
    if (!path.endsWith('/')) await writeFile(file, await readFile(root));
    else {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      const files = entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
      const contents = await Promise.all(files.sort().map((one) => readFile(one)));
      await writeFile(file, Buffer.concat(contents));
    }
    return file;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function listPairs(): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const { name, path, versions } of histories) {
    if (only !== undefined && only !== name) continue;
    for (const [place, version] of versions.entries()) {
      const before = versions[place - 1];
      if (before === undefined) continue;
      pairs.push({
        name: `${name} ${before} → ${version}`,
        old: await fetchRelease(name, before, path),
        fresh: await fetchRelease(name, version, path),
      });
    }
  }
  return pairs;
}

const peers: Record<string, (old: string, fresh: string, into: string) => string[]> = {
  xdelta3: (old, fresh, into) => ['-e', '-9', '-A', '-f', '-s', old, fresh, into],
  bsdiff: (old, fresh, into) => [old, fresh, into],
  zstd: (old, fresh, into) => [
    '-q',
    '-f',
    '--ultra',
    '-19',
    '--long=30',
    `--patch-from=${old}`,
    fresh,
    '-o',
    into,
  ],
};

async function isThere(tool: string): Promise<boolean> {
  return run('sh', ['-c', `command -v ${tool}`]).then(
    () => true,
    () => false,
  );
}

const count = (value: number): string => Math.round(value).toLocaleString('en').padStart(12);
const maker = createIncrementMaker();
const folder = await mkdtemp(join(tmpdir(), 'increments-'));
try {
  const there: string[] = [];
  for (const tool of Object.keys(peers)) if (await isThere(tool)) there.push(tool);
  const missing = Object.keys(peers).filter((tool) => !there.includes(tool));
  process.stdout.write(`${describeMachine()}\n`);
  if (missing.length > 0) process.stdout.write(`Not here, so not compared: ${missing.join(', ')}\n`);

  const pairs = await listPairs();
  const days = Array.from({ length: DAYS }, (_, day) => join(folder, `pattern-${day}`));
  if (only === undefined || only === 'patterns') {
    await writePatternFiles(days);
    pairs.push({ name: 'pattern file, one day', old: days[0] ?? '', fresh: days[1] ?? '' });
  }
  process.stdout.write(
    `${'pair'.padEnd(50)}${['bytes', ...there, 'of best', 'make s', 'apply s', 'MiB'].map((it) => it.padStart(12)).join('')}\n`,
  );
  let won = 0;
  let compared = 0;
  for (const { name, old, fresh } of pairs) {
    const { size } = await stat(fresh);
    if (size > most) continue;
    const into = join(folder, 'increment');
    const before = process.cpuUsage();
    const { length, encoding } = await maker.make({ oldFile: old, newFile: fresh, into });
    const making = process.cpuUsage(before);
    const { stdout } = await run(process.execPath, [
      subject,
      old,
      into,
      join(folder, 'result'),
      String(size),
    ]);
    const applied = JSON.parse(stdout) as { seconds: number; memoryMib: number };
    const sizes: number[] = [];
    for (const tool of there) {
      const other = join(folder, tool);
      await run(tool, peers[tool]?.(old, fresh, other) ?? []);
      sizes.push((await stat(other)).size);
    }
    const best = Math.min(...sizes);
    compared++;
    if (length <= best) won++;
    process.stdout.write(
      `${`${name} (${encoding})`.padEnd(50)}${[length, ...sizes].map(count).join('')}${`${Math.round((100 * length) / best)} %`.padStart(12)}` +
        `${((making.user + making.system) / 1e6).toFixed(1).padStart(12)}${applied.seconds.toFixed(1).padStart(12)}${count(applied.memoryMib)}\n`,
    );
  }
  process.stdout.write(`Not larger than the best of them: ${won} of ${compared}\n`);

  if (only === undefined || only === 'patterns') {
    const fresh = days[DAYS - 1] ?? '';
    const before = process.cpuUsage();
    let bytes = 0;
    for (const [day, old] of days.slice(0, -1).entries())
      bytes += (await maker.make({ oldFile: old, newFile: fresh, into: join(folder, `from-${day}`) })).length;
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(
      `Publishing with ${DAYS - 1} increments: ${count(bytes).trim()} bytes in all, ${((user + system) / 1e6).toFixed(1)} s of processor time\n`,
    );
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
