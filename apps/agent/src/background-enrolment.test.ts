import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { type FakeMcpServer, startFakeMcpServer } from '@holdfast/testkit';
import { startAgentProcess } from './testing/agent-process.ts';
import { eventually } from './testing/eventually.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';

// An enrolment whose end is left to `run`, as an installation leaves it.

async function startServer(t: TestContext): Promise<FakeMcpServer> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  return server;
}

function answerRegistrations(server: FakeMcpServer, status: number, code: string): void {
  server.state.faults.answer = (path) =>
    path === '/mcp/v1/registrations'
      ? {
          status,
          mediaType: 'application/problem+json',
          body: Buffer.from(JSON.stringify({ code, title: 'Refused', detail: 'The token does not admit.' })),
        }
      : undefined;
}

async function readStatus(home: string): Promise<Record<string, unknown>> {
  return JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as Record<string, unknown>;
}

const keep = async (token: string, home: string) =>
  await runInProcess(['enroll', '-', '--keep-token', '--json'], { home, input: `${token}\n` });

test('a computer that is to be admitted says so with its thumbprint, and run goes on by itself', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  server.state.needsApproval = true;
  const kept = await keep(server.token, home);
  assert.equal(kept.code, 0, kept.stderr);
  const { state, reason, keyThumbprint } = JSON.parse(kept.stdout) as Record<string, string>;
  assert.deepEqual([state, reason], ['waiting', 'admission']);
  const tokenFile = join(home, 'enrolment.token');
  assert.equal(statSync(tokenFile).mode & 0o777, 0o600);
  assert.equal(readFileSync(tokenFile, 'utf8').trim(), server.token);
  const status = await readStatus(home);
  assert.equal(status['keyThumbprint'], keyThumbprint);
  assert.deepEqual((status['waiting'] as Record<string, unknown>)['for'], 'admission');
  assert.equal((status['problem'] as Record<string, unknown>)['code'], 'APPROVAL_AWAITED');
  const text = (await runInProcess(['status'], { home })).stdout;
  assert.match(text, /^Enrolled: +not yet, waits since/mu);
  assert.ok(text.includes(keyThumbprint ?? ''), text);

  startAgentProcess(t, { home });
  await eventually(
    'run asks',
    () => server.state.calls.filter((call) => call.endsWith('/registrations')).length >= 2,
  );
  server.state.needsApproval = false;
  await eventually('a heartbeat', () =>
    [...server.state.products.values()].some(({ heartbeats }) => heartbeats > 0),
  );
  assert.ok(!existsSync(tokenFile), 'the token is kept no longer than it is needed');
  const after = await readStatus(home);
  assert.deepEqual(
    [after['isEnrolled'], after['waiting'], after['keyThumbprint']],
    [true, null, keyThumbprint],
  );
});

test('without a server the token waits for it, and whoever stands in between cannot end that', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  await server.stop();
  const kept = await keep(server.token, home);
  assert.equal(kept.code, 0, kept.stderr);
  assert.match(kept.stdout, /"reason": "server"/u);
  assert.equal(((await readStatus(home))['waiting'] as Record<string, unknown>)['for'], 'server');
  // Somebody answers at the address who is not the server of the token.
  await server.start();
  let asked = 0;
  server.state.faults.answer = () => {
    asked += 1;
    return {
      status: 403,
      mediaType: 'application/problem+json',
      body: Buffer.from(JSON.stringify({ code: 'ENROLMENT_TOKEN_REVOKED', title: 'x', detail: 'Go away.' })),
    };
  };
  const agent = startAgentProcess(t, { home });
  await eventually('the stranger was asked twice', () => asked >= 2);
  assert.ok(existsSync(join(home, 'enrolment.token')));
  server.state.faults.answer = undefined;
  await eventually('it joins', () => server.state.products.size > 0);
  assert.equal(agent.exitCode(), null, agent.log());
});

test('what the server itself refuses is over: the token is gone, status says why, and nothing starts again', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  server.state.needsApproval = true;
  assert.equal((await keep(server.token, home)).code, 0);
  answerRegistrations(server, 403, 'ENROLMENT_TOKEN_REVOKED');
  const agent = startAgentProcess(t, { home });
  await eventually('the agent ends', () => agent.exitCode() !== null);
  assert.match(agent.log(), /ENROLMENT_TOKEN_REVOKED/u);
  assert.ok(!existsSync(join(home, 'enrolment.token')));
  const { problem, waiting } = await readStatus(home);
  assert.deepEqual(
    [(problem as Record<string, unknown>)['code'], waiting],
    ['ENROLMENT_TOKEN_REVOKED', null],
  );
  assert.equal((await runInProcess(['run'], { home })).code, 78);
});

test('a newer token that comes while the server refuses the first is not lost: the computer joins with it', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  const tokenFile = join(home, 'enrolment.token');
  server.state.needsApproval = true;
  const parsed = parseEnrolmentToken(server.token);
  const first = encodeEnrolmentToken({ ...parsed, addresses: [...parsed.addresses, 'https://127.0.0.1:9'] });
  assert.equal((await keep(first, home)).code, 0);
  server.state.needsApproval = false;
  server.state.faults.answer = (path) => {
    if (path !== '/mcp/v1/registrations') return undefined;
    server.state.faults.answer = undefined;
    writeFileSync(tokenFile, `${server.token}\n`);
    return {
      status: 403,
      mediaType: 'application/problem+json',
      body: Buffer.from(JSON.stringify({ code: 'ENROLMENT_TOKEN_REVOKED', title: 'x', detail: 'Revoked.' })),
    };
  };
  const agent = startAgentProcess(t, { home });
  await eventually('it joins or ends', () => server.state.products.size > 0 || agent.exitCode() !== null);
  assert.equal(agent.exitCode(), null, agent.log());
  await eventually('the token is gone', () => !existsSync(tokenFile));
});

test('a token that is left on a computer which belongs to its server is gone when the agent starts', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  assert.equal((await keep(server.token, home)).code, 0);
  const tokenFile = join(home, 'enrolment.token');
  writeFileSync(tokenFile, `${server.token}\n`, { mode: 0o600 });
  startAgentProcess(t, { home });
  await eventually('a heartbeat', () =>
    [...server.state.products.values()].some(({ heartbeats }) => heartbeats > 0),
  );
  assert.ok(!existsSync(tokenFile));
});

test('a token that is no good, or of another authority, is not kept', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  answerRegistrations(server, 403, 'ENROLMENT_TOKEN_EXPIRED');
  assert.equal((await keep(server.token, home)).code, 1);
  const fingerprint = 'A'.repeat(43);
  const other = encodeEnrolmentToken({ ...parseEnrolmentToken(server.token), fingerprint });
  assert.equal((await keep(other, home)).code, 3);
  assert.ok(!existsSync(join(home, 'enrolment.token')));
});

test('a newer token takes the place of the one that a running agent waits with', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  server.state.needsApproval = true;
  await keep(server.token, home);
  startAgentProcess(t, { home });
  await eventually(
    'run asks',
    () => server.state.calls.filter((call) => call.endsWith('/registrations')).length >= 2,
  );
  const newer = await keep(server.token, home);
  assert.equal(newer.code, 0, newer.stderr);
  const plain = await runInProcess(['enroll', server.token, '--json'], { home });
  assert.match(plain.stderr, /"AGENT_ALREADY_RUNNING"/u);
});
