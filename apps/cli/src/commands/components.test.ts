import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { quickStart } from '@holdfast/testkit';
import { reportError } from '../output/error-report.ts';
import { runCommandLine } from '../program.ts';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

let home: string;
before(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'holdfast-cli-components-'));
  await writeFile(path.join(home, 'passphrase'), 'correct horse battery staple\n');
});
after(async () => await rm(home, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Words that begin with `./` are files of the test. */
function place(args: readonly string[]): string[] {
  return args.map((word) => (word.startsWith('./') ? path.join(home, word.slice(2)) : word));
}

/** The command line as the program runs it, without the start of a process. */
async function holdfast(...args: readonly string[]): Promise<Ended> {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const context = { environment: {}, stdin, stdout, stderr, now: () => Date.now() };
  let code: number;
  try {
    code = await runCommandLine(context, '1.2.3', ['node', 'holdfast', 'components', ...place(args)]);
  } catch (error) {
    const report = reportError(error);
    code = report.exitCode;
    stderr.write(`${report.code}: ${report.message}`);
  }
  return { code, out: String(stdout.read() ?? ''), error: String(stderr.read() ?? '') };
}

/** The program itself. */
async function runProgram(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [main, 'components', ...place(args)], {
    env: { ...quickStart() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (texts.error += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...texts };
}

async function done(...args: readonly string[]): Promise<string> {
  const { code, out, error } = await holdfast(...args);
  assert.equal(code, 0, error);
  return out;
}

const passphrase = ['--passphrase-file', './passphrase'];
const online = ['--key', './online', ...passphrase];
const clientOptions = ['--metadata-dir', './trusted', '--metadata-url', './repository/metadata'];

test('from keys to a verified file: two people sign, a client follows, new keys, and a changed file is found', async () => {
  for (const name of ['anna', 'ben', 'online']) {
    const id = (await done('create-key', `./${name}`, ...passphrase)).trim();
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.equal((await stat(path.join(home, name))).mode & 0o777, 0o600);
  }
  const roles = ['--root', './anna.pub', '--root', './ben.pub', '--root-threshold', '2'];
  const targets = [
    '--targets',
    './anna.pub',
    '--targets',
    './ben.pub',
    '--targets-threshold',
    '2',
    '--online',
    './online.pub',
  ];
  const first = await done(
    'init',
    './repository',
    ...roles,
    ...targets,
    '--feeds',
    '--key',
    './anna',
    ...online,
  );
  assert.match(first, /Not published yet[\s\S]*root: 1 of 2/);
  assert.match(
    await done('sign', './repository', '--key', './ben', ...online),
    /^Published: root 1, targets 1/,
  );

  await writeFile(path.join(home, 'rules.txt'), 'one\n');
  const about = [
    '--component',
    'site-rules',
    '--kind',
    'rules',
    '--handler',
    'rule-files',
    '--title',
    'Rules of the site',
  ];
  const release = ['./repository', './rules.txt', '--version', '2026.12.1'];
  const waits = await done('publish', ...release, ...about, '--key', './anna', ...online, '--json');
  const { published, waiting } = JSON.parse(waits) as {
    published?: unknown;
    waiting: { role: string; valid: number }[];
  };
  assert.deepEqual(
    [published, waiting.map(({ role, valid }) => [role, valid])],
    [undefined, [['targets', 1]]],
  );
  await done('sign', './repository', '--key', './ben', ...online);
  // What is known of the component need not be said again, and the next release is the next number.
  await done(
    'publish',
    ...release,
    '--component',
    'site-rules',
    '--urgent',
    '--key',
    './anna',
    '--key',
    './ben',
    ...online,
  );
  const listed = JSON.parse(await done('list', './repository', '--json')) as {
    components: {
      component: { id: string; title: string };
      release: number;
      releases: unknown[];
      isUrgent: boolean;
    }[];
  };
  assert.deepEqual(
    listed.components.map(({ component, release: newest, releases, isUrgent }) => [
      component.id,
      component.title,
      newest,
      releases.length,
      isUrgent,
    ]),
    [['site-rules', 'Rules of the site', 2, 2, true]],
  );
  assert.match(await done('list', './repository'), /site-rules +rules +2 +2026\.12\.1[\s\S]*root +1 +2 of 2/);

  await done('client', 'init', './repository/metadata/1.root.json', '--metadata-dir', './trusted');
  assert.match(await done('client', 'refresh', ...clientOptions), /Verified: root 1[\s\S]*site-rules +2/);
  const fetching = [
    'client',
    'download',
    ...clientOptions,
    '--target-base-url',
    './repository/targets',
    '--target-dir',
    './files',
  ];
  const file = (await done(...fetching, '--target-name', 'components/site-rules/2/full')).trim();
  assert.equal(await readFile(file, 'utf8'), 'one\n');
  const unknown = await holdfast(...fetching, '--target-name', 'components/site-rules/3/full');
  assert.deepEqual([unknown.code, /TARGET_UNKNOWN/.test(unknown.error)], [1, true]);

  await done('create-key', './carla', ...passphrase);
  const rotated = await done(
    'rotate-keys',
    './repository',
    'root',
    '--public',
    './ben.pub',
    '--public',
    './carla.pub',
    '--threshold',
    '2',
    '--key',
    './anna',
    '--key',
    './ben',
    '--key',
    './carla',
    ...online,
  );
  assert.match(rotated, /^Published: root 2/);
  assert.match(await done('client', 'refresh', ...clientOptions), /Verified: root 2/);
  await done('create-key', './online-2', ...passphrase);
  const offline = ['--key', './anna', '--key', './ben', '--key', './carla'];
  const newOnline = ['./repository', 'snapshot', 'timestamp', 'feeds', '--public', './online-2.pub'];
  assert.match(
    await done('rotate-keys', ...newOnline, ...offline, '--key', './online-2', ...online),
    /^Published: root 3/,
  );
  const wrongKey = await holdfast('refresh', './repository', ...online);
  assert.deepEqual([wrongKey.code, /SIGNATURES_MISSING/.test(wrongKey.error)], [1, true]);
  const online2 = ['--key', './online-2', ...passphrase];
  assert.match(await done('refresh', './repository', ...online2), /timestamp 6/);
  assert.match(
    await done('sign', './repository', '--renew', 'targets', '--key', './anna', '--key', './ben', ...online2),
    /^Published/,
  );

  assert.equal(await done('verify', './repository'), 'All signatures, hashes and files are right.\n');
  const folder = path.join(home, 'repository/targets/components/site-rules/2');
  const [name = ''] = await readdir(folder);
  await writeFile(path.join(folder, name), 'two\n');
  const wrong = await holdfast('verify', './repository', '--json');
  assert.equal(wrong.code, 3);
  const { isDamaged, findings } = JSON.parse(wrong.out) as {
    isDamaged: boolean;
    findings: { kind: string; path: string }[];
  };
  assert.equal(isDamaged, true);
  assert.deepEqual(
    findings.map(({ kind, path: where }) => [kind, where]),
    [['file-wrong', 'components/site-rules/2/full']],
  );
  await rm(path.join(home, 'files'), { recursive: true });
  const refused = await holdfast(...fetching, '--target-name', 'components/site-rules/2/full');
  assert.deepEqual([refused.code, refused.error.startsWith('TARGET_WRONG')], [3, true]);
  assert.deepEqual(await readdir(path.join(home, 'files')), []);

  await writeFile(path.join(home, 'repository/metadata/timestamp.json'), '{}');
  assert.equal((await holdfast('client', 'refresh', ...clientOptions)).code, 3);
  assert.equal((await holdfast('verify', './repository')).code, 3);
});

test('what is not meant is refused with a reason, and changes nothing', async () => {
  await writeFile(path.join(home, 'short'), 'too short\n');
  await writeFile(path.join(home, 'wrong'), 'another passphrase altogether\n');
  await writeFile(path.join(home, 'empty'), '');
  await done('create-key', './spare', ...passphrase);
  const refusals: readonly [code: number, reason: string, args: readonly string[]][] = [
    [1, 'PASSPHRASE_TOO_SHORT', ['create-key', './new', '--passphrase-file', './short']],
    [1, 'SIGNING_KEY_EXISTS', ['create-key', './spare', ...passphrase]],
    [
      1,
      'PASSPHRASE_WRONG',
      [
        'init',
        './other',
        '--root',
        './spare.pub',
        '--targets',
        './spare.pub',
        '--online',
        './spare.pub',
        '--key',
        './spare',
        '--passphrase-file',
        './wrong',
      ],
    ],
    [
      1,
      'SIGNING_KEY_UNREADABLE',
      ['init', './other', '--root', './empty', '--targets', './spare.pub', '--online', './spare.pub'],
    ],
    [
      2,
      'ARGUMENT_INVALID',
      [
        'init',
        './other',
        '--root',
        './spare.pub',
        '--root-threshold',
        '2',
        '--targets',
        './spare.pub',
        '--online',
        './spare.pub',
      ],
    ],
    [2, 'ARGUMENT_INVALID', ['init', './other']],
    [1, 'REPOSITORY_NOT_FOUND', ['list', './nowhere']],
    [1, 'REPOSITORY_NOT_FOUND', ['verify', './nowhere']],
    [2, 'ARGUMENT_INVALID', ['client', 'init', './nowhere', '--metadata-dir', './empty-trust']],
    [3, 'METADATA_UNREADABLE', ['client', 'init', './empty', '--metadata-dir', './empty-trust']],
    [
      1,
      'METADATA_STORE_EMPTY',
      ['client', 'refresh', '--metadata-dir', './empty-trust', '--metadata-url', './nowhere'],
    ],
    [2, '', ['publish', './other', './empty']],
    [2, '', ['client', 'refresh']],
  ];
  for (const [code, reason, args] of refusals) {
    const ended = await holdfast(...args);
    assert.deepEqual(
      [ended.code, ended.error.includes(reason)],
      [code, true],
      `${args.join(' ')}: ${ended.error}`,
    );
    assert.equal(ended.out, '');
  }
  for (const name of ['new', 'new.pub', 'nowhere', 'empty-trust'])
    await assert.rejects(access(path.join(home, name)), { code: 'ENOENT' }, name);
});

test('the program tells a script apart by exit status and JSON: done, wrong, not reachable', async () => {
  await done('create-key', './alone', ...passphrase);
  const keys = ['--root', './alone.pub', '--targets', './alone.pub', '--online', './alone.pub'];
  const made = await runProgram('init', './small', ...keys, '--key', './alone', ...passphrase, '--json');
  assert.deepEqual([made.code, made.error], [0, '']);
  assert.equal((JSON.parse(made.out) as { published: { root: number } }).published.root, 1);
  await done('client', 'init', './small/metadata/1.root.json', '--metadata-dir', './small-trust');
  const refresh = ['client', 'refresh', '--metadata-dir', './small-trust', '--json', '--metadata-url'];
  await writeFile(path.join(home, 'small/metadata/timestamp.json'), '{}');
  const failures: readonly [address: string, code: number, reason: string][] = [
    ['./small/metadata', 3, 'METADATA_UNREADABLE'],
    ['http://127.0.0.1:1/', 4, 'SOURCE_UNREACHABLE'],
  ];
  for (const [address, code, reason] of failures) {
    const ended = await runProgram(...refresh, address);
    assert.deepEqual([ended.code, ended.out], [code, '']);
    assert.equal((JSON.parse(ended.error) as { error: { code: string } }).error.code, reason);
  }
});
