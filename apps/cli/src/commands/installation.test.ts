import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ApiTransportRequest } from '@holdfast/api';
import { ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

const at = '2026-11-22T08:00:00.000Z';
const TOP = '019aa000-0000-7000-8000-00000000000b';
const SHA = 'c5'.repeat(32);
const TOKEN = 'hf1.dG9rZW4_-';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-installation-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

interface Served {
  readonly server?: string;
  readonly input?: string;
  readonly archive?: Readonly<Record<string, unknown>> | null;
}

async function run(
  args: readonly string[],
  { server = 'https://10.0.0.5:8443', input = '', archive = null }: Served = {},
) {
  const [stdout, stderr, stdin] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end(input);
  const token = {
    id: TOP,
    name: 'x',
    groupId: TOP,
    groupPath: [],
    maxUses: 1,
    uses: 0,
    isApprovalNeeded: false,
    state: 'active',
    createdAt: at,
    createdBy: 'alice',
    expiresAt: at,
  };
  const addresses = ['https://vault:8443', 'https://10.0.0.5:8443', 'https://localhost:8443'];
  const answers: Readonly<Record<string, unknown>> = {
    'GET /api/v1/groups': {
      groups: [
        {
          id: TOP,
          parentId: null,
          name: 'Top',
          path: [],
          depth: 0,
          revision: 1,
          deviceCount: 0,
          isFixed: true,
        },
      ],
    },
    'POST /api/v1/enrolment-tokens': { token, tokenString: TOKEN, addresses },
    'GET /api/v1/agent-installation': {
      version: '1.2.3',
      runtimeVersion: '24.21.0',
      addresses,
      script: { path: '/agent/install.sh', sha256: SHA },
      platforms: [{ platform: 'linux-x64', archive, obstacle: archive === null ? 'no-runtime' : null }],
    },
  };
  const answer = async ({ method, target }: ApiTransportRequest) => {
    const text = JSON.stringify(answers[`${method} ${target}`]);
    return await Promise.resolve({ status: 200, contentType: 'application/json', text });
  };
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: server,
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
    },
    stdin,
    stdout,
    stderr,
    now: () => Date.parse(at),
    openTransport: () => Object.assign(answer, { close: () => undefined }),
  };
  const program = createProgram(context, '1.2.3', { exitCode: ExitCode.done });
  await program.parseAsync(['node', 'holdfast', 'tokens', ...args]);
  return { out: String(stdout.read() ?? ''), notes: String(stderr.read() ?? '') };
}

test('a token is created with its line, under the address in use, and the token alone is the answer unless the line is asked for', async () => {
  const line = await run(['create', 'x', '--line']);
  assert.match(
    line.out,
    /^ \(f=\$\(mktemp\) && curl -fsSk .*'https:\/\/10\.0\.0\.5:8443\/agent\/install\.sh'.*\)\n$/u,
  );
  assert.ok(line.out.includes(SHA) && line.out.includes(`echo '${TOKEN}' | `));
  const plain = await run(['create', 'x']);
  assert.equal(plain.out, `${TOKEN}\n`);
  const { installLine, tokenString } = JSON.parse((await run(['create', 'x', '--json'])).out) as Record<
    string,
    string
  >;
  assert.equal(`${installLine}\n`, line.out);
  assert.equal(tokenString, TOKEN);
});

test('on the server itself the line names an address for others, and any address that is asked for', async () => {
  const local = await run(['line'], { server: 'https://localhost:8443', input: `${TOKEN}\n` });
  assert.match(local.out, /'https:\/\/vault:8443\/agent\/install\.sh'/u);
  const named = await run(['line', '--address', 'https://outside.example/'], { input: TOKEN });
  assert.match(named.out, /'https:\/\/outside\.example\/agent\/install\.sh'/u);
  await assert.rejects(run(['line', '--address', 'http://outside.example'], { input: TOKEN }), {
    code: 'ARGUMENT_INVALID',
  });
});

test('a line without a token asks for it on the device, and what is no token makes no line', async () => {
  const asked = await run(['line', '--ask']);
  assert.doesNotMatch(asked.out, /hf1|\| \$\(command/u);
  for (const input of ['', 'x', "hf1.a'; rm -rf /", `hf1.${'a'.repeat(9_000)}`])
    await assert.rejects(run(['line'], { input }), { code: 'ARGUMENT_INVALID' }, input.slice(0, 20));
});

test('files for a system that the server has no agent for are refused with what to do', async () => {
  await assert.rejects(run(['download', folder]), { code: 'AGENT_NOT_SERVED' });
  await assert.rejects(run(['download', folder, '--platform', 'beos']), { code: 'ARGUMENT_INVALID' });
});

test('a server that names a file elsewhere, or a checksum that is a command, has nothing written', async () => {
  const good = {
    fileName: 'holdfast-agent-1.2.3-linux-x64.tar.gz',
    path: '/agent/x',
    sha256: SHA,
    sizeBytes: 5,
  };
  const target = join(folder, 'downloads');
  for (const wrong of [
    { fileName: '../../evil.tar.gz' },
    { fileName: '/etc/cron.d/evil' },
    { fileName: 'holdfast-agent-1/../../evil.tar.gz' },
    { fileName: 'holdfast-agent-1.2.3\n.tar.gz' },
    { fileName: 'install.sh' },
    { fileName: `holdfast-agent-${'1'.repeat(200)}.tar.gz` },
    { fileName: '' },
    { sha256: '$(touch pwned)' },
  ])
    await assert.rejects(
      run(['download', target], { archive: { ...good, ...wrong } }),
      { code: 'DOWNLOAD_DAMAGED' },
      JSON.stringify(wrong),
    );
  assert.ok(!existsSync(target));
});
