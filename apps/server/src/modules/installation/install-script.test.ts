import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatInstallScript } from './install-script.ts';

// The script by itself, with an agent that only writes down what it is told. With the real one: e2e/install-agent.test.ts.

const isRoot = process.getuid?.() === 0;
/** What stands in for the runtime: keeps its calls, and fails where it is told to. */
const RUNTIME = `#!/bin/sh
echo "$*" >>"$CALLS/calls"
case $* in
  *"$FAILING"*) exit 1 ;;
esac
`;

interface Computer {
  readonly folder: string;
  readonly archive: Buffer;
  run(
    args: readonly string[],
    options?: { readonly failing?: string },
  ): { readonly status: number | null; readonly output: string };
  /** A program that is found before that of the system. */
  program(name: string, text: string): void;
  calls(): string;
}

function setUp(t: TestContext): Computer {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-script-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const name of ['bin', 'made/holdfast-agent', 'systemd', 'opt'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'made/holdfast-agent/node'), RUNTIME, { mode: 0o755 });
  writeFileSync(join(folder, 'made/holdfast-agent/agent.mjs'), '');
  const file = join(folder, 'archive.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', join(folder, 'made'), 'holdfast-agent']);
  const archive = readFileSync(file);
  const served = (['linux-x64', 'linux-arm64'] as const).map((platform) => ({
    platform,
    fileName: 'archive.tar.gz',
    path: file,
    sha256: createHash('sha256').update(archive).digest('hex'),
    sizeBytes: archive.length,
  }));
  const script = formatInstallScript('1.2.3', served)
    .text.replaceAll('/run/systemd/system', join(folder, 'systemd'))
    .replaceAll('/etc/systemd/system', join(folder, 'units'));
  writeFileSync(join(folder, 'install.sh'), script);
  const program = (name: string, text: string): void =>
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('systemctl', 'echo "systemctl $*" >>"$CALLS/calls"');
  return {
    folder,
    archive,
    program,
    run(args, { failing = 'nothing' } = {}) {
      const ran = spawnSync('sh', [join(folder, 'install.sh'), '--home', join(folder, 'state'), ...args], {
        env: { PATH: `${folder}/bin:/usr/bin:/bin`, CALLS: folder, FAILING: failing, HOME: folder },
        input: 'hf1.token\n',
        encoding: 'utf8',
      });
      return { status: ran.status, output: `${ran.stdout}${ran.stderr}` };
    },
    calls: () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : ''),
  };
}

test('an archive that was brought is copied, checked and installed, and nothing is left beside', (t) => {
  const { run, folder, calls } = setUp(t);
  const ran = run([
    '--archive',
    join(folder, 'archive.tar.gz'),
    '--prefix',
    join(folder, 'opt/agent'),
    '--no-service',
  ]);
  assert.equal(ran.status, 0, ran.output);
  assert.match(calls(), /enroll - --keep-token[\s\S]*install --prefix/u);
  assert.deepEqual(readdirSync(join(folder, 'opt')), []);
});

test('what is unpacked is what was checked, whoever changes the brought archive meanwhile', (t) => {
  const { run, folder, program, calls } = setUp(t);
  const file = join(folder, 'archive.tar.gz');
  program('sha256sum', `/usr/bin/sha256sum "$@"; echo changed >'${file}'`);
  const ran = run(['--archive', file, '--prefix', join(folder, 'opt/agent'), '--no-service']);
  assert.equal(readFileSync(file, 'utf8'), 'changed\n');
  assert.equal(ran.status, 0, ran.output);
  assert.match(calls(), /install --prefix/u);
});

test('an archive that has more behind it is refused, and no more of it is copied than needed', (t) => {
  const { run, folder, archive, program } = setUp(t);
  const file = join(folder, 'long.tar.gz');
  writeFileSync(file, Buffer.concat([archive, Buffer.alloc(5_000_000)]));
  program('sha256sum', `wc -c <"$1" >'${folder}/size'; /usr/bin/sha256sum "$@"`);
  const ran = run(['--archive', file, '--prefix', join(folder, 'opt/agent'), '--no-service']);
  assert.equal(ran.status, 3, ran.output);
  assert.equal(Number(readFileSync(join(folder, 'size'), 'utf8')), archive.length + 1);
});

for (const tool of ['curl', 'wget'])
  test(`an endless answer to ${tool} takes no more room than the archive, and installs nothing`, (t) => {
    const { run, folder, archive, program } = setUp(t);
    // Whatever the tool promises: this one writes on until somebody ends it, 100 MB at the most.
    program(
      tool,
      `while [ $# -gt 1 ]; do case $1 in -o | -O) out=$2 ;; esac; shift; done
       echo "$out" >'${folder}/out'; head -c 100000000 /dev/zero >"$out"; code=$?; wc -c <"$out" >'${folder}/size'; exit $code`,
    );
    if (tool === 'wget') hideCurl(folder);
    const ran = run(['https://vault:8443', '--prefix', join(folder, 'opt/agent'), '--no-service']);
    assert.equal(ran.status, 4, ran.output);
    assert.ok(Number(readFileSync(join(folder, 'size'), 'utf8')) <= archive.length + 512);
    assert.deepEqual(readdirSync(join(folder, 'opt')), []);
  });

/** A system without curl: all other programs that the script needs, by links. */
function hideCurl(folder: string): void {
  const tools =
    'sh id uname ls readlink mktemp mkdir rm dirname cut head grep tar gzip sha256sum wc cat stty';
  for (const tool of tools.split(' ')) {
    const found = [`/usr/bin/${tool}`, `/bin/${tool}`].find((path) => existsSync(path));
    if (found !== undefined && !existsSync(join(folder, 'bin', tool)))
      symlinkSync(found, join(folder, 'bin', tool));
  }
  const script = join(folder, 'install.sh');
  writeFileSync(script, `PATH=${folder}/bin\n${readFileSync(script, 'utf8')}`);
}

test('as root, a folder in which others can exchange what it runs is refused before anything is done', (t) => {
  const { run, folder, program, calls } = setUp(t);
  program('id', 'echo 0');
  const open = join(folder, 'opt/open');
  mkdirSync(join(open, 'agent'), { recursive: true });
  symlinkSync(join(open, 'agent'), join(folder, 'opt/link'));
  for (const mode of [0o777, 0o775]) {
    chmodSync(open, mode);
    for (const prefix of [
      open,
      join(open, 'agent'),
      join(open, 'new/agent'),
      join(folder, 'opt/link'),
      join(folder, 'opt/link/'),
      join(folder, 'opt/link/agent'),
    ])
      for (const task of [['--archive', join(folder, 'archive.tar.gz')], ['--uninstall']]) {
        if (task[0] === '--uninstall') {
          mkdirSync(prefix, { recursive: true });
          writeFileSync(join(prefix, 'holdfast-agent'), `#!/bin/sh\necho pwned >>'${folder}/calls'\n`, {
            mode: 0o755,
          });
        }
        const ran = run([...task, '--prefix', prefix, '--no-service']);
        assert.equal(ran.status, 1, `${prefix}: ${ran.output}`);
        assert.match(ran.output, /is not root's alone.*\n {2}→ .*--prefix/u);
      }
  }
  assert.equal(calls(), '');
});

test('as root, a folder of somebody else is refused, and /tmp is not', { skip: !isRoot }, (t) => {
  const { run, folder, calls } = setUp(t);
  const home = join(folder, 'opt/home');
  mkdirSync(home);
  execFileSync('chown', ['12345', home]);
  const archive = ['--archive', join(folder, 'archive.tar.gz'), '--no-service'];
  const refused = run([...archive, '--prefix', join(home, 'agent')]);
  assert.equal(refused.status, 1, refused.output);
  assert.match(refused.output, /opt\/home is not root's alone/u);
  assert.equal(calls(), '');
  const sticky = join(folder, 'opt/sticky');
  mkdirSync(sticky);
  chmodSync(sticky, 0o1777);
  const ran = run([...archive, '--prefix', join(sticky, 'agent')]);
  assert.equal(ran.status, 0, ran.output);
});

test('a service that was stopped to leave its server runs again, however the script ends', (t) => {
  const { run, folder, calls } = setUp(t);
  mkdirSync(join(folder, 'units'));
  const unit = join(folder, 'units/holdfast-agent.service');
  const args = [
    '--archive',
    join(folder, 'archive.tar.gz'),
    '--prefix',
    join(folder, 'opt/agent'),
    '--no-service',
    '--force',
  ];
  const stop = 'systemctl stop holdfast-agent.service';
  const start = 'systemctl start holdfast-agent.service';
  writeFileSync(unit, `Environment=HOLDFAST_AGENT_HOME=${folder}/state NODE_ENV=production\n`);
  for (const failing of ['enroll', 'install --prefix', 'nothing']) {
    rmSync(join(folder, 'calls'), { force: true });
    run(args, { failing });
    const told = calls();
    assert.ok(told.indexOf(stop) >= 0 && told.indexOf(stop) < told.indexOf(start), `${failing}: ${told}`);
    assert.equal(told.trimEnd().split('\n').at(-1), start);
  }
  // The service of another state folder is left alone.
  writeFileSync(unit, 'Environment=HOLDFAST_AGENT_HOME=/var/lib/other NODE_ENV=production\n');
  rmSync(join(folder, 'calls'));
  run(args);
  assert.ok(!calls().includes(stop), calls());
});
