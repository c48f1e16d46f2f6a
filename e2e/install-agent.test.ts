import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  admitRegistration,
  type AgentInstallation,
  createEnrolmentToken,
  formatInstallLine,
  formatOfflineInstallLine,
  getAgentInstallation,
  listDevices,
  listEnrolmentTokens,
  listGroups,
  listWaitingRegistrations,
} from '@holdfast/api';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { type AdministratorSession, setUpAdministrator } from './support/administrator.ts';
import { type BareComputer, createBareComputer, whyNoBareComputer } from './support/bare-computer.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

// A second computer that has nothing but a shell and curl, and the line that the console prints. Real server, real agent.

if (whyNoBareComputer !== false)
  console.error(`SKIPPED: no agent is installed on a bare computer, because ${whyNoBareComputer}.`);

const AGENT = '/opt/holdfast-agent/holdfast-agent';

describe('the printed line on a bare computer', { concurrency: false, skip: whyNoBareComputer }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let holdfast: HoldfastProcess;
  let session: AdministratorSession;
  let installation: AgentInstallation;
  let address: string;
  const computers: BareComputer[] = [];

  before(async () => {
    home = await createHome();
    holdfast = await startHoldfast({ home: home.path, withAgent: false });
    assert.ok(holdfast.setupLink, holdfast.output());
    session = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
    installation = await session.client.call(getAgentInstallation, {});
    address = `https://127.0.0.1:${holdfast.port}`;
  });

  after(async () => {
    session?.close();
    await stopAllProcesses();
    for (const computer of computers) await computer.remove();
    await home?.remove();
  });

  async function bringComputer(
    name: string,
    options?: Parameters<typeof createBareComputer>[1],
  ): Promise<BareComputer> {
    const computer = await createBareComputer(name, options);
    computers.push(computer);
    return computer;
  }

  async function makeToken(more: { readonly isApprovalNeeded?: boolean } = {}): Promise<string> {
    const { groups } = await session.client.call(listGroups, {});
    const groupId = groups.find((group) => group.isFixed && group.parentId !== null)?.id ?? '';
    const created = await session.client.call(createEnrolmentToken, {
      body: { name: 'Bare', groupId, maxUses: 1, expiresInMs: 3_600_000, isApprovalNeeded: false, ...more },
    });
    return created.tokenString;
  }

  const lineOf = (tokenString: string): string =>
    formatInstallLine({ address, scriptSha256: installation.script.sha256, tokenString });

  const findDevice = async (name: string) =>
    (await session.client.call(listDevices, { query: { search: name } })).devices.find(
      (one) => one.name === name,
    );

  test('installs, joins and runs; twice is once', async () => {
    const second = await bringComputer('second');
    const token = await makeToken();
    const line = lineOf(token);
    assert.equal(line.split('\n').length, 1);
    const first = await second.type(line);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /This computer is now managed product \d+/u);
    assert.match(first.output, /does not run yet.*no systemd/u);
    assert.ok(!first.output.includes(token.slice(-40)), 'the token is not printed');
    assert.deepEqual(await listLeft(second), []);
    const again = await second.type(line);
    assert.equal(again.code, 0, again.output);
    assert.match(again.output, /already is managed product/u);

    const running = second.start(`${AGENT} run`);
    await until(
      'the device is online',
      async () => (await findDevice('second'))?.presence.status === 'online' || undefined,
      60_000,
      running.output,
    );
    const whileItRuns = await second.type(line);
    assert.equal(whileItRuns.code, 0, whileItRuns.output);
    const status = await second.type(`${AGENT} status`);
    assert.match(status.output, /^Enrolled: +yes/mu);
    await running.stop();

    const removed = await second.type(`${AGENT} uninstall`);
    assert.equal(removed.code, 0, removed.output);
    assert.ok(!existsSync(join(second.root, 'opt/holdfast-agent')));
    assert.ok(existsSync(join(second.root, 'var/lib/holdfast-agent/agent.key')), 'its identity stays');
  });

  test('a script or an archive that was changed on the way installs nothing', async () => {
    const computer = await bringComputer('tampered');
    const token = await makeToken();
    const wrongScript = lineOf(token).replace(installation.script.sha256, 'a'.repeat(64));
    const refused = await computer.type(wrongScript);
    assert.equal(refused.code, 3, refused.output);
    assert.match(refused.output, /The script is not the one of this line\. Nothing was run\./u);

    const archive = installation.platforms.find((one) => one.archive !== null)?.archive;
    assert.ok(archive);
    const file = join(home.path, 'state', 'agent-archives', archive.fileName);
    const restore = await changeOneByte(file);
    const changed = await computer.type(lineOf(token));
    await restore();
    assert.equal(changed.code, 3, changed.output);
    assert.match(
      changed.output,
      /The archive is not the one that this script is for.*Nothing was installed/u,
    );
    assert.ok(!existsSync(join(computer.root, 'opt/holdfast-agent')));
    assert.ok(!existsSync(join(computer.root, 'var/lib/holdfast-agent')));
    assert.deepEqual(await listLeft(computer), []);
  });

  test('a token of another authority is refused before anything is sent, and an agent keeps its server', async () => {
    const computer = await bringComputer('elsewhere');
    const token = await makeToken();
    const other = encodeEnrolmentToken({
      ...parseEnrolmentToken(token),
      fingerprint: createHash('sha256').update('another authority').digest('base64url'),
    });
    const refused = await computer.type(lineOf(other));
    assert.equal(refused.code, 3, refused.output);
    assert.match(refused.output, /SERVER_FINGERPRINT_MISMATCH/u);
    assert.ok(!existsSync(join(computer.root, 'opt/holdfast-agent')));

    assert.equal((await computer.type(lineOf(token))).code, 0);
    const moved = await computer.type(lineOf(other));
    assert.equal(moved.code, 1, moved.output);
    assert.match(moved.output, /belongs to another server already.*ENROLLED_ELSEWHERE[\s\S]*--force/u);
  });

  test('a token that is used up or incomplete is told as such', async () => {
    const computer = await bringComputer('latecomer');
    const token = await makeToken();
    assert.equal((await (await bringComputer('earlier')).type(lineOf(token))).code, 0);
    const late = await computer.type(lineOf(token));
    assert.equal(late.code, 1, late.output);
    assert.match(
      late.output,
      /This enrolment token has been used up\. \(ENROLMENT_TOKEN_USED_UP\)\n {2}→ Ask for a new one/u,
    );
    const cut = await computer.type(lineOf(token.slice(0, -7)));
    assert.equal(cut.code, 1, cut.output);
    assert.match(cut.output, /ENROLMENT_TOKEN_/u);
    const none = await computer.type(lineOf(''));
    assert.equal(none.code, 2, none.output);
    assert.match(none.output, /No enrolment token was given/u);
    assert.ok(!existsSync(join(computer.root, 'opt/holdfast-agent')));
  });

  test('a device that needs admission shows the thumbprint that the console shows, and goes on by itself', async () => {
    const computer = await bringComputer('knocking');
    const token = await makeToken({ isApprovalNeeded: true });
    const installed = await computer.type(lineOf(token));
    assert.equal(installed.code, 0, installed.output);
    const [waiting] = (await session.client.call(listWaitingRegistrations, {})).registrations;
    assert.equal(waiting?.deviceName, 'knocking');
    assert.match(
      installed.output,
      new RegExp(`Key thumbprint: ${waiting.keyThumbprint}\n.*waits for an administrator`, 'u'),
    );
    const status = JSON.parse((await computer.type(`${AGENT} status --json`)).output) as Record<
      string,
      unknown
    >;
    assert.equal(status['keyThumbprint'], waiting.keyThumbprint);
    assert.deepEqual((status['waiting'] as { for: string }).for, 'admission');
    assert.match((await computer.type(`${AGENT} status`)).output, /Enrolled: +not yet, waits since/u);

    const running = computer.start(`${AGENT} run`);
    await session.client.call(admitRegistration, { params: { registrationId: waiting.id }, body: {} });
    await until(
      'the device is online',
      async () => (await findDevice('knocking'))?.presence.status === 'online' || undefined,
      90_000,
      running.output,
    );
    assert.ok(
      !existsSync(join(computer.root, 'var/lib/holdfast-agent/enrolment.token')),
      'the token is not kept',
    );
    await running.stop();
  });

  test('two files install it without a network, and it joins when it reaches the server', async () => {
    const computer = await bringComputer('offline');
    const archive = installation.platforms.find((one) => one.archive !== null)?.archive;
    assert.ok(archive);
    await copyFile(
      join(home.path, 'state', 'agent-archives', archive.fileName),
      join(computer.root, 'media', archive.fileName),
    );
    const script = await computer.type(
      `curl -fsk -o /media/install.sh ${address}${installation.script.path}`,
    );
    assert.equal(script.code, 0, script.output);
    const line = formatOfflineInstallLine({
      archiveFileName: archive.fileName,
      scriptSha256: installation.script.sha256,
      tokenString: await makeToken(),
    });
    const installed = await computer.type(`cd /media &&${line}`, { withNetwork: false });
    assert.equal(installed.code, 0, installed.output);
    assert.match(installed.output, /The agent keeps the token and joins as soon as it reaches it/u);
    const running = computer.start(`${AGENT} run`);
    await until(
      'the device is online',
      async () => (await findDevice('offline'))?.presence.status === 'online' || undefined,
      90_000,
      running.output,
    );
    await running.stop();
  });

  test('a computer without the libraries of the runtime is told which', async () => {
    const computer = await bringComputer('poor', { withoutLibrary: 'libstdc++.so.6' });
    const token = await makeToken();
    const refused = await computer.type(lineOf(token));
    assert.equal(refused.code, 1, refused.output);
    assert.match(
      refused.output,
      /The runtime of the agent does not start here: .*libstdc\+\+[\s\S]*glibc 2\.28/u,
    );
    assert.deepEqual(await listLeft(computer), []);
    const { tokens } = await session.client.call(listEnrolmentTokens, {});
    assert.equal(tokens[0]?.uses, 0, 'the token is still good');
  });

  test('the log of the server holds no token', async () => {
    const folder = join(home.path, 'state', 'log');
    const texts = await Promise.all(
      (await readdir(folder)).map(async (name) => await readFile(join(folder, name), 'utf8')),
    );
    assert.ok(texts.length > 0);
    assert.doesNotMatch(texts.join('\n'), /hf1\./u);
  });
});

/** Folders and files that an installation left beside its target, and in the folder of temporary files. */
async function listLeft({ root }: BareComputer): Promise<string[]> {
  const beside = existsSync(join(root, 'opt')) ? await readdir(join(root, 'opt')) : [];
  return [...beside.filter((name) => name !== 'holdfast-agent'), ...(await readdir(join(root, 'tmp')))];
}

async function changeOneByte(file: string): Promise<() => Promise<void>> {
  const whole = await readFile(file);
  const handle = await open(file, 'r+');
  await handle.write(Buffer.from([(whole[1_000] ?? 0) ^ 1]), 0, 1, 1_000);
  await handle.close();
  return async () => await writeFile(file, whole);
}
