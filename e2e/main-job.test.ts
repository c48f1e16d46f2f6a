import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type Command,
  createApiKey,
  createEnrolmentToken,
  type DeviceSummary,
  getCommand,
  getDevice,
  getSystemState,
  issueCommand,
  type Job,
  listDevices,
  listGroups,
  listWaitingRegistrations,
  permissions,
} from '@holdfast/api';
import {
  type AdministratorSession,
  setUpAdministrator,
  signInAdministrator,
} from './support/administrator.ts';
import { createHome, type HoldfastProcess, runHoldfast, startHoldfast } from './support/holdfast-process.ts';
import { stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

// The main job with real processes and without a browser: what a newcomer does, and what a script does.

describe('holdfast up on an empty home', { concurrency: false }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;

  before(async () => {
    home = await createHome();
    holdfast = await startHoldfast({ home: home.path });
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
  });

  after(async () => {
    administrator?.close();
    await stopAllProcesses();
    await home?.remove();
  });

  async function findDevice(wanted: (device: DeviceSummary) => boolean): Promise<DeviceSummary | undefined> {
    const { devices } = await administrator.client.call(listDevices, {});
    return devices.find(wanted);
  }

  test('this computer is online with its real facts', async () => {
    const device = await until('the device is online', () =>
      findDevice((one) => one.presence.status === 'online'),
    );
    const details = await until('the inventory is there', async () => {
      const answer = await administrator.client.call(getDevice, { params: { deviceId: device.id } });
      return answer.inventory === null ? undefined : answer;
    });
    const facts = details.inventory?.facts;
    assert.ok(facts?.system?.kernel);
    assert.ok((facts?.memory?.totalBytes ?? 0) > 2 ** 27);
    assert.ok((facts?.processor?.cores ?? 0) >= 1);
    assert.ok(facts?.agent?.version);
    assert.ok(facts?.bootedAt);
    assert.equal(details.products.length, 1);
  });

  test('a command goes from queued to succeeded', async () => {
    const device = await until('the device', () => findDevice(() => true));
    const command = await administrator.client.call(issueCommand, {
      body: { type: 'collect-inventory', targets: { deviceIds: [device.id] } },
    });
    const done: Command = await until(
      'the command succeeded',
      async () => {
        const now = await administrator.client.call(getCommand, { params: { commandId: command.id } });
        return now.counts.succeeded === 1 ? now : undefined;
      },
      90_000,
    );
    assert.equal(done.counts.total, 1);
  });

  test('the command line does the same with an API key and a checked fingerprint', async () => {
    const { key } = await administrator.client.call(createApiKey, {
      body: { name: 'script', permissions: [...permissions] },
    });
    const state = await administrator.client.call(getSystemState, {});
    const environment = { HOLDFAST_API_KEY: key };
    const refused = await runHoldfast(
      home.path,
      ['connect', holdfast.origin, '--fingerprint', 'A'.repeat(43)],
      environment,
    );
    assert.equal(refused.code, 3, refused.stderr);
    const connected = await runHoldfast(
      home.path,
      ['connect', holdfast.origin, '--fingerprint', state.authorityFingerprint],
      environment,
    );
    assert.equal(connected.code, 0, connected.stderr);
    const devices = await runHoldfast(home.path, ['directory', 'devices', '--json']);
    assert.equal(devices.code, 0, devices.stderr);
    const [device] = JSON.parse(devices.stdout) as DeviceSummary[];
    assert.ok(device);
    const issued = await runHoldfast(home.path, [
      'commands',
      'issue',
      'collect-inventory',
      device.name,
      '--wait',
      '--json',
    ]);
    assert.equal(issued.code, 0, issued.stderr);
    for (const [kind, name, value] of [
      ['prune', 'ended sessions', 0],
      ['certificate.renew', 'certificate', 'unchanged'],
    ] as const) {
      const ended = await runHoldfast(home.path, ['jobs', 'run', kind, '--wait', '--json']);
      assert.equal(ended.code, 0, ended.stderr);
      const { state: jobState, result } = JSON.parse(ended.stdout) as Job;
      assert.deepEqual([jobState, result?.[name]], ['succeeded', value]);
    }
    const unknown = await runHoldfast(home.path, ['directory', 'show', 'no-such-device']);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /DEVICE_UNKNOWN/);
  });

  test('a second agent joins with a token; the token of another server, a used one and a damaged one are refused', async () => {
    const { groups } = await administrator.client.call(listGroups, {});
    const top = groups.find((group) => group.parentId === null);
    assert.ok(top);
    const { tokenString } = await administrator.client.call(createEnrolmentToken, {
      body: { name: 'second', groupId: top.id, maxUses: 1, expiresInMs: 600_000, isApprovalNeeded: false },
    });
    const second = { HOLDFAST_AGENT_HOME: `${home.path}/second` };
    const joined = await runHoldfast(home.path, ['agent', 'enroll', '-'], second, `${tokenString}\n`);
    assert.equal(joined.code, 0, joined.stderr);
    await until('two devices or products', async () => {
      const { devices } = await administrator.client.call(listDevices, {});
      const products = await Promise.all(
        devices.map(
          async (one) =>
            (await administrator.client.call(getDevice, { params: { deviceId: one.id } })).products.length,
        ),
      );
      return products.reduce((sum, count) => sum + count, 0) === 2 ? true : undefined;
    });

    const third = { HOLDFAST_AGENT_HOME: `${home.path}/third` };
    const used = await runHoldfast(home.path, ['agent', 'enroll', '-'], third, `${tokenString}\n`);
    assert.equal(used.code, 1, used.stdout + used.stderr);
    assert.match(used.stderr, /ENROLMENT_TOKEN_USED_UP/);
    const damaged = await runHoldfast(
      home.path,
      ['agent', 'enroll', '-'],
      third,
      `${tokenString.slice(0, -1)}\n`,
    );
    assert.match(damaged.stderr, /ENROLMENT_TOKEN_DAMAGED/);
  });

  test('after a stop, everything is there again, and the device comes back by itself', async () => {
    assert.equal(await holdfast.stop(), 0, holdfast.output());
    administrator.close();
    holdfast = await startHoldfast({ home: home.path, port: holdfast.port });
    assert.equal(holdfast.setupLink, undefined, 'the set-up link is printed only while nobody can sign in');
    administrator = await signInAdministrator(holdfast.origin);
    await until('the device is online again', () => findDevice((one) => one.presence.status === 'online'));
    const { registrations } = await administrator.client.call(listWaitingRegistrations, {});
    assert.deepEqual(registrations, []);
  });

  test('a backup of the running server brings every product back onto an empty home, its own agent too', async () => {
    const file = `${home.path}/all.hfbackup`;
    const saved = await runHoldfast(home.path, ['backup', file, '--json']);
    assert.equal(saved.code, 0, saved.stderr);
    const before = await administrator.client.call(listDevices, {});
    await holdfast.stop();

    const empty = await createHome();
    try {
      const restored = await runHoldfast(empty.path, ['restore', file, '--json']);
      assert.equal(restored.code, 0, restored.stderr);
      const other = await startHoldfast({ home: empty.path, port: holdfast.port });
      try {
        const session = await signInAdministrator(other.origin);
        // What is restored of the presence is old: heard since means heard later than the old server did.
        const after = await until('the agent of this computer comes back', async () => {
          const answer = await session.client.call(listDevices, {});
          const isBack = answer.devices.some(({ id, presence }) => {
            const old = before.devices.find((one) => one.id === id)?.presence.lastSeenAt ?? '';
            return presence.status === 'online' && (presence.lastSeenAt ?? '') > old;
          });
          return isBack ? answer : undefined;
        });
        assert.deepEqual(
          after.devices.map((one) => [one.id, one.productNumber]),
          before.devices.map((one) => [one.id, one.productNumber]),
        );
        session.close();
      } finally {
        await other.stop();
      }
    } finally {
      await empty.remove();
    }
  });
});
