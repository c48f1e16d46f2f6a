import assert from 'node:assert/strict';
import { sign } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { encodeEnrolmentToken, formatSuccession, parseEnrolmentToken } from '@holdfast/protocol';
import { calculateFingerprint, createCertificateAuthority } from '@holdfast/trust/certificates';
import { type FakeMcpServer, startFakeMcpServer, withAddresses } from '@holdfast/testkit';
import { openStateDatabase } from './platform/state-database.ts';
import { runProgram } from './testing/agent-process.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { eventually } from './testing/eventually.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';
import { stateVersion } from './state-version.ts';

async function startServer(t: TestContext): Promise<FakeMcpServer> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  return server;
}

function refuseRegistrations(server: FakeMcpServer, code: string): void {
  server.state.faults.answer = (path) =>
    path === '/mcp/v1/registrations'
      ? {
          status: 403,
          mediaType: 'application/problem+json',
          body: Buffer.from(JSON.stringify({ code, title: 'Refused', detail: 'The token does not admit.' })),
        }
      : undefined;
}

test('a token enrols this computer, and what is kept is for its owner alone', async (t) => {
  const server = await startServer(t);
  const home = join(createTemporaryFolder(t), 'state', 'agent');
  const result = await runProgram(['enroll', server.token, '--json'], { home });
  assert.equal(result.code, 0, result.stderr);
  const answer = JSON.parse(result.stdout) as Record<string, unknown>;
  assert.equal(answer['state'], 'enrolled');
  assert.equal(answer['productNumber'], 1);
  assert.deepEqual(answer['groupPath'], ['Berlin', 'Servers']);
  assert.equal(statSync(home).mode & 0o777, 0o700);
  for (const name of readdirSync(home)) assert.equal(statSync(join(home, name)).mode & 0o777, 0o600, name);

  const status = await runProgram(['status', '--json'], { home });
  const state = JSON.parse(status.stdout) as Record<string, unknown>;
  assert.equal(state['isEnrolled'], true);
  assert.equal(state['isRunning'], false);
  assert.deepEqual(state['server'], { addresses: [server.address], fingerprint: server.fingerprint });
});

test('the token may come by standard input or from a file', async (t) => {
  const server = await startServer(t);
  const folder = createTemporaryFolder(t);
  const byInput = await runInProcess(['enroll', '-'], {
    home: join(folder, 'a'),
    input: `${server.token}\n`,
  });
  assert.equal(byInput.code, 0, byInput.stderr);
  writeFileSync(join(folder, 'token'), server.token);
  const byFile = await runInProcess(['enroll'], {
    home: join(folder, 'b'),
    env: { HOLDFAST_AGENT_TOKEN_FILE: join(folder, 'token') },
  });
  assert.equal(byFile.code, 0, byFile.stderr);
  assert.equal(server.state.products.size, 2);
});

test('enrolling again changes nothing, and asks the server nothing', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  await runInProcess(['enroll', server.token], { home });
  const calls = server.state.calls.length;
  const again = await runInProcess(['enroll', server.token, '--json'], { home });
  assert.equal(again.code, 0);
  assert.equal((JSON.parse(again.stdout) as Record<string, unknown>)['state'], 'already-enrolled');
  assert.equal(server.state.calls.length, calls);
});

test('a token of the same server with another address changes the address and nothing else', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  await runInProcess(['enroll', server.token], { home });
  const moved = withAddresses(server.token, ['https://elsewhere.example:8443', server.address]);
  const again = await runInProcess(['enroll', moved, '--json'], { home });
  const answer = JSON.parse(again.stdout) as Record<string, unknown>;
  assert.deepEqual(answer['addresses'], ['https://elsewhere.example:8443', server.address]);
  assert.equal(answer['productNumber'], 1);
});

test('a token from before the server renewed its authority is one of the same server, and only with the signature', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  await runInProcess(['enroll', server.token], { home });
  const former = await createCertificateAuthority(systemClock.now());
  const key = { key: former.privateKey, dsaEncoding: 'ieee-p1363' } as const;
  const endorse = (fingerprint: string): string =>
    sign('sha256', Buffer.from(formatSuccession(fingerprint)), key).toString('base64url');
  const { certificate } = former;
  const token = encodeEnrolmentToken({
    ...parseEnrolmentToken(server.token),
    fingerprint: calculateFingerprint(certificate),
  });
  const tell = (signature: string): void => {
    const { authority, fingerprint } = server.state;
    const answer = { certificate: authority, fingerprint, successions: [{ certificate, signature }] };
    const body = Buffer.from(JSON.stringify(answer));
    server.state.faults.answer = (path) =>
      path === '/mcp/v1/authority' ? { status: 200, mediaType: 'application/json', body } : undefined;
  };
  tell(endorse('A'.repeat(43)));
  const refused = await runInProcess(['enroll', token, '--json'], { home });
  assert.match(refused.stderr, /"ENROLLED_ELSEWHERE"/u);
  tell(endorse(server.state.fingerprint));
  const again = await runInProcess(['enroll', token, '--json'], { home });
  assert.equal(again.code, 0, again.stderr);
  assert.equal((JSON.parse(again.stdout) as Record<string, unknown>)['productNumber'], 1);
});

test('a token of another server is refused with the remedy, and obeyed with --force', async (t) => {
  const first = await startServer(t);
  const second = await startServer(t);
  const home = createTemporaryFolder(t);
  await runInProcess(['enroll', first.token], { home });
  const refused = await runInProcess(['enroll', second.token, '--json'], { home });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /belongs to another server already/u);
  assert.match(refused.stderr, /--force/u);
  assert.match(refused.stderr, /"ENROLLED_ELSEWHERE"/u);
  assert.equal(second.state.products.size, 0);
  const forced = await runInProcess(['enroll', second.token, '--force'], { home });
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal(second.state.products.size, 1);
});

test('a server whose fingerprint is not that of the token is refused, and is shown nothing', async (t) => {
  const right = await startServer(t);
  const wrong = await startServer(t);
  const home = createTemporaryFolder(t);
  const result = await runInProcess(['enroll', withAddresses(right.token, [wrong.address]), '--json'], {
    home,
  });
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stderr, /"SERVER_FINGERPRINT_MISMATCH"/u);
  assert.deepEqual(wrong.state.calls, ['GET /mcp/v1/authority']);
  const status = await runInProcess(['status', '--json'], { home });
  assert.equal((JSON.parse(status.stdout) as Record<string, unknown>)['isEnrolled'], false);
});

test('a damaged, foreign or future token is refused with its reason', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  const cases = [
    [server.token.slice(0, -3), 'ENROLMENT_TOKEN_DAMAGED'],
    [`${server.token.slice(0, 30)}x${server.token.slice(31)}`, 'ENROLMENT_TOKEN_DAMAGED'],
    ['this is no token', 'ENROLMENT_TOKEN_UNREADABLE'],
    [server.token.replace(/^hf1/u, 'hf9'), 'ENROLMENT_TOKEN_VERSION_UNKNOWN'],
  ] as const;
  for (const [token, code] of cases) {
    const result = await runInProcess(['enroll', token, '--json'], { home });
    assert.equal(result.code, 1);
    assert.ok(result.stderr.includes(`"${code}"`), result.stderr);
    assert.ok(!`${result.stdout}${result.stderr}`.includes(token), 'the token is never repeated');
  }
  assert.deepEqual(server.state.calls, []);
});

test('a used-up, expired or revoked token is refused with the reason of the server', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  for (const code of ['ENROLMENT_TOKEN_USED_UP', 'ENROLMENT_TOKEN_EXPIRED', 'ENROLMENT_TOKEN_REVOKED']) {
    refuseRegistrations(server, code);
    const result = await runInProcess(['enroll', server.token, '--json'], { home });
    assert.equal(result.code, 1);
    assert.ok(result.stderr.includes(`"${code}"`), result.stderr);
  }
});

test('a refused enrolment goes on with the same key', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  refuseRegistrations(server, 'ENROLMENT_TOKEN_EXPIRED');
  await runInProcess(['enroll', server.token], { home });
  server.state.faults.answer = undefined;
  await runInProcess(['enroll', server.token], { home });
  // Only what is under our key comes back without a valid token.
  await runInProcess(['enroll', server.token, '--force'], { home });
  assert.equal(server.state.products.size, 1);
});

test('a server that is not there is told apart by the exit code', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  await server.stop();
  const result = await runInProcess(['enroll', server.token, '--json'], { home });
  assert.equal(result.code, 4, result.stderr);
  assert.match(result.stderr, /"SERVER_UNREACHABLE"/u);
});

test('an enrolment that needs approval waits for it, also while the server restarts', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  server.state.needsApproval = true;
  const waiting = runInProcess(['enroll', server.token], { home });
  const registrations = () => server.state.calls.filter((call) => call.endsWith('/registrations')).length;
  await eventually('the agent asks a second time', () => registrations() >= 2);
  await server.stop();
  await server.start();
  await eventually('the agent asks after the restart', () => registrations() >= 3);
  server.state.needsApproval = false;
  const result = await waiting;
  assert.equal(result.code, 0, result.stderr);
  const [, thumbprint = ''] = /^Key thumbprint: (\S{43})$/mu.exec(result.stderr) ?? [];
  assert.ok([...server.state.products.keys()].includes(thumbprint), result.stderr);
  assert.match(result.stderr, /An administrator has to admit this computer/u);
  assert.match(result.stderr, /is now managed product 1/u);
});

test('without waiting, an enrolment that needs approval says so and may be repeated', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  server.state.needsApproval = true;
  const first = await runInProcess(['enroll', server.token, '--no-wait', '--json'], { home });
  assert.equal(first.code, 1);
  assert.match(first.stderr, /"APPROVAL_AWAITED"/u);
  server.state.needsApproval = false;
  assert.equal((await runInProcess(['enroll', server.token], { home })).code, 0);
});

test('a damaged key is refused and left as it is', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  writeFileSync(join(home, 'agent.key'), 'no key');
  const result = await runInProcess(['enroll', server.token, '--json'], { home });
  assert.equal(result.code, 1);
  assert.match(result.stderr, /"KEY_DAMAGED"/u);
  assert.equal(statSync(join(home, 'agent.key')).size, 6);
});

test('a registration without its key is no success: it is refused, no key is made, and --force makes a new product', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  const keyPath = join(home, 'agent.key');
  await runInProcess(['enroll', server.token], { home });
  rmSync(keyPath);
  for (const args of [
    ['enroll', server.token],
    ['enroll', withAddresses(server.token, ['https://elsewhere.example:8443'])],
    ['run'],
  ]) {
    const refused = await runInProcess(args, { home });
    assert.equal(refused.code, 1, refused.stdout);
    assert.match(refused.stderr, /KEY_MISSING/u);
    assert.match(refused.stderr, /agent\.key of this registration is missing/u);
    assert.match(refused.stderr, /Restore the file from a backup, or enrol .* --force/u);
    assert.ok(!existsSync(keyPath), 'no key is made');
  }
  const forced = await runInProcess(['enroll', server.token, '--force', '--json'], { home });
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal((JSON.parse(forced.stdout) as Record<string, unknown>)['productNumber'], 2);
  assert.equal((await runInProcess(['enroll', server.token], { home })).code, 0);
});

test('the key of another registration is told apart from a missing one, and left as it is', async (t) => {
  const server = await startServer(t);
  const folder = createTemporaryFolder(t);
  const [home, other] = [join(folder, 'a'), join(folder, 'b')];
  await runInProcess(['enroll', server.token], { home });
  await runInProcess(['enroll', server.token], { home: other });
  const foreign = readFileSync(join(other, 'agent.key'));
  writeFileSync(join(home, 'agent.key'), foreign);
  const refused = await runInProcess(['enroll', server.token, '--json'], { home });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /"KEY_MISSING"/u);
  assert.match(refused.stderr, /belongs to another registration/u);
  assert.match(refused.stderr, /Put the file of this registration back/u);
  assert.deepEqual(readFileSync(join(home, 'agent.key')), foreign);
  // With --force it comes back as the product whose key it is.
  const forced = await runInProcess(['enroll', server.token, '--force', '--json'], { home });
  assert.equal((JSON.parse(forced.stdout) as Record<string, unknown>)['productNumber'], 2);
});

test('reports and commands of one product are not brought to another, be it at the same server', async (t) => {
  const server = await startServer(t);
  const home = createTemporaryFolder(t);
  await runInProcess(['enroll', server.token], { home });
  const addReport = () => {
    const database = openStateDatabase(join(home, 'state.sqlite'), stateVersion);
    database.connection.exec(
      "INSERT INTO outbox (command_id, state, priority, body, bytes, created_at) VALUES ('1', 'accepted', 0, '{}', 2, 0)",
    );
    database.close();
  };
  addReport();
  const same = await runInProcess(['enroll', server.token, '--force'], { home });
  assert.doesNotMatch(same.stderr, /given up/u);
  rmSync(join(home, 'agent.key'));
  const other = await runInProcess(['enroll', server.token, '--force'], { home });
  assert.match(other.stderr, /former registration that were given up: 1/u);
});
