import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  admitRegistration,
  type Command,
  createEnrolmentToken,
  createGroup,
  type DeviceDetails,
  getCommand,
  getDevice,
  getSettings,
  issueCommand,
  listCommands,
  listDevices,
  listGroups,
  listWaitingRegistrations,
  purgeRecycled,
  removeDevice,
  updateCommunicationSettings,
  type WaitingRegistration,
} from '@holdfast/api';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import {
  type AdministratorSession,
  setUpAdministrator,
  signInAdministrator,
} from './support/administrator.ts';
import { type Computer, createComputer } from './support/agent-process.ts';
import { findFreePort } from './support/free-port.ts';
import {
  createHome,
  type HoldfastProcess,
  holdfastEnvironment,
  cliPath,
  startHoldfast,
} from './support/holdfast-process.ts';
import {
  type RunningProcess,
  signalProcess,
  startProcess,
  stopAllProcesses,
} from './support/running-process.ts';
import { until } from './support/until.ts';

// What goes wrong in the life of a server, with real processes: each fault has a clear end, and nothing that was
// acknowledged is lost.

const dayMs = 86_400_000;

describe('faults', { concurrency: false }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;
  let groupId: string;
  let computer: Computer;
  let agent: RunningProcess;

  before(async () => {
    home = await createHome();
    holdfast = await startHoldfast({ home: home.path, withAgent: false });
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
    await beatQuickly();
    groupId = await createGroupOfTests();
    computer = await createComputer({ home: home.path, name: 'machine-one' });
    const joined = await computer.enrol(await createToken());
    assert.equal(joined.code, 0, joined.stderr);
    agent = computer.run();
    await untilOnline('machine-one');
    // The agent's own first inventory must not be mistaken for the ordered one.
    await until(
      'the first inventory is there',
      async () => (await findDetails('machine-one'))?.inventory ?? undefined,
    );
  });

  after(async () => {
    administrator?.close();
    await stopAllProcesses();
    await home?.remove();
  });

  async function beatQuickly(): Promise<void> {
    const { revision } = await administrator.client.call(getSettings, {});
    await administrator.client.call(updateCommunicationSettings, {
      body: { revision, communication: { heartbeatIntervalMs: 1_000, offlineTimeoutMs: 3_000 } },
    });
  }

  async function createGroupOfTests(): Promise<string> {
    const { groups } = await administrator.client.call(listGroups, {});
    const top = groups.find((group) => group.parentId === null);
    assert.ok(top);
    return (await administrator.client.call(createGroup, { body: { parentId: top.id, name: 'Machines' } }))
      .id;
  }

  async function createToken(): Promise<string> {
    const { tokenString } = await administrator.client.call(createEnrolmentToken, {
      body: { name: 'faults', groupId, maxUses: null, expiresInMs: 3_600_000, isApprovalNeeded: false },
    });
    return tokenString;
  }

  async function findDetails(name: string): Promise<DeviceDetails | undefined> {
    const { devices } = await administrator.client.call(listDevices, {});
    const found = devices.find((device) => device.name === name);
    return found === undefined
      ? undefined
      : administrator.client.call(getDevice, { params: { deviceId: found.id } });
  }

  function untilOnline(name: string): Promise<DeviceDetails> {
    return until(
      `${name} is online`,
      async () => {
        const details = await findDetails(name);
        return details?.device.presence.status === 'online' ? details : undefined;
      },
      30_000,
      () => `${agent.output()}\n${holdfast.output()}`,
    );
  }

  async function issueTo(name: string): Promise<Command> {
    const details = await findDetails(name);
    assert.ok(details);
    return administrator.client.call(issueCommand, {
      body: { type: 'collect-inventory', targets: { deviceIds: [details.device.id] } },
    });
  }

  function untilCommand(
    id: string,
    what: string,
    isReached: (command: Command) => boolean,
  ): Promise<Command> {
    return until(
      what,
      async () => {
        const now = await administrator.client.call(getCommand, { params: { commandId: id } });
        return isReached(now) ? now : undefined;
      },
      30_000,
      () => `${agent.output()}\n${holdfast.output()}`,
    );
  }

  function untilWaiting(): Promise<WaitingRegistration> {
    return until(
      'the agent waits for re-admission',
      async () => {
        const { registrations } = await administrator.client.call(listWaitingRegistrations, {});
        return registrations.find((one) => one.kind === 're-admission');
      },
      40_000,
      () => `${agent.output()}\n${holdfast.output()}`,
    );
  }

  /** After a failure the rest is not tried: everything builds upon the same server and the same agent. */
  let failed: string | undefined;
  function fault(name: string, work: () => Promise<void>): void {
    test(name, async (t) => {
      if (failed !== undefined) return t.skip(`after the failure of: ${failed}`);
      failed = name;
      await work();
      failed = undefined;
    });
  }

  /** Runs `holdfast up` where it has to refuse, and answers what it said. */
  async function startRefused(
    environment: Readonly<Record<string, string>>,
    path = home.path,
  ): Promise<string> {
    const started = startProcess(
      process.execPath,
      [cliPath, 'up', '--no-agent'],
      holdfastEnvironment(path, { HOLDFAST_HOST: '127.0.0.1', ...environment }),
    );
    try {
      await until('holdfast up refuses', () => (started.isOver() ? true : undefined), 30_000, started.output);
    } finally {
      await started.stop();
    }
    assert.equal(await started.exited, 1, started.output());
    return started.output();
  }

  fault(
    'an agent that is killed in the middle of a command carries it out after its next start',
    async () => {
      await writeFile(computer.holdFile, '');
      const command = await issueTo('machine-one');
      await until(
        'the command is in its middle',
        () => existsSync(`${computer.holdFile}.reached`) || undefined,
      );
      signalProcess(agent.pid, 'SIGKILL');
      await agent.exited;
      await rm(computer.holdFile);
      agent = computer.run();
      const done = await untilCommand(command.id, 'the command has ended', ({ counts }) => {
        return counts.succeeded + counts.failed > 0;
      });
      assert.equal(done.counts.succeeded, 1);
    },
  );

  fault('a killed database comes back, and a command that was issued before is carried out', async () => {
    signalProcess(agent.pid, 'SIGSTOP');
    const command = await issueTo('machine-one');
    const postmaster = await findPostmaster(join(home.path, 'state', 'database'));
    signalProcess(postmaster, 'SIGKILL');
    // Connections outlive the postmaster for a moment, so an answer alone would show nothing.
    await until('another postmaster runs', async () => {
      const now = await findPostmaster(join(home.path, 'state', 'database')).catch(() => postmaster);
      return now === postmaster ? undefined : now;
    });
    const found = await until('the server answers again', () =>
      administrator.client.call(getCommand, { params: { commandId: command.id } }).catch(() => undefined),
    );
    assert.equal(found.counts.total, 1);
    signalProcess(agent.pid, 'SIGCONT');
    await untilCommand(command.id, 'the command succeeded', (now) => now.counts.succeeded === 1);
    await untilOnline('machine-one');
  });

  fault('a killed server loses nothing that it has acknowledged', async () => {
    const acknowledged: string[] = [];
    const server = holdfast.findProgram('server');
    assert.ok(server);
    const details = await findDetails('machine-one');
    assert.ok(details);
    const issuing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (;;) {
          const command = await administrator.client
            .call(issueCommand, {
              body: { type: 'collect-inventory', targets: { deviceIds: [details.device.id] } },
            })
            .catch(() => undefined);
          if (command === undefined) return;
          acknowledged.push(command.id);
          if (acknowledged.length === 10) signalProcess(server, 'SIGKILL');
        }
      }),
    );
    await issuing;
    assert.ok(acknowledged.length >= 10);
    await until('the server is started again by itself', () =>
      holdfast.output().includes('The server is back.') ? true : undefined,
    );
    assert.match(holdfast.output(), /the server ended with status 1; it is started again in/u);
    assert.notEqual(holdfast.findProgram('server'), server);
    // The same session goes on: nobody has to sign in anew.
    const kept: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await administrator.client.call(listCommands, {
        query: cursor === undefined ? {} : { cursor },
      });
      kept.push(...page.commands.map((command) => command.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    assert.deepEqual(
      acknowledged.filter((id) => !kept.includes(id)),
      [],
    );
    const back = await untilOnline('machine-one');
    assert.equal(back.device.productNumber, details.device.productNumber);
    const last = acknowledged.at(-1);
    assert.ok(last);
    await untilCommand(last, 'the last command succeeded', (now) => now.counts.succeeded === 1);
  });

  fault('a second server on the same home is refused, and told which process holds it', async () => {
    const told = await startRefused({ HOLDFAST_PORT: String(await findFreePort()) });
    assert.match(told, /HOME_IN_USE/u);
    assert.match(told, new RegExp(`\\b${holdfast.findProgram('server')}\\b`, 'u'));
    await untilOnline('machine-one');
  });

  fault('a taken port is refused, with its holder and another port to choose', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    const other = await createHome();
    try {
      const told = await startRefused({ HOLDFAST_PORT: String(port) }, other.path);
      assert.match(told, /PORT_IN_USE/u);
      assert.match(told, new RegExp(`process ${process.pid}\\b`, 'u'));
      assert.match(told, new RegExp(`HOLDFAST_PORT=${port + 1}`, 'u'));
    } finally {
      holder.close();
      await other.remove();
    }
  });

  fault('tokens of other servers are refused', async () => {
    const token = parseEnrolmentToken(await createToken());
    const stranger = await createComputer({ home: home.path, name: 'stranger' });
    const foreign = await stranger.enrol(encodeEnrolmentToken({ ...token, fingerprint: 'A'.repeat(43) }));
    assert.equal(foreign.code, 3, foreign.stderr);
    assert.match(foreign.stderr, /not the one that the enrolment token is for/u);
    const unknown = await stranger.enrol(
      encodeEnrolmentToken({ ...token, tokenId: '0192f0c1-2d3e-7f40-8a51-62738495a6b7' }),
    );
    assert.equal(unknown.code, 1, unknown.stderr);
    assert.match(unknown.stderr, /not one of this server/u);
    const wrong = await stranger.enrol(encodeEnrolmentToken({ ...token, secret: 'A'.repeat(43) }));
    assert.equal(wrong.code, 1, wrong.stderr);
    assert.equal((await stranger.status()).isEnrolled, false);
    assert.equal(await findDetails('stranger'), undefined);
  });

  fault('a clock that is a day off does no harm and is told', async () => {
    const late = await createComputer({ home: home.path, name: 'late-clock', clockShiftMs: -dayMs });
    const joined = await late.enrol(await createToken());
    assert.equal(joined.code, 0, joined.stderr);
    const running = late.run();
    const details = await untilOnline('late-clock');
    const skewMs = await until('the skew is known', async () => {
      const now = await findDetails('late-clock');
      return now?.products[0]?.clockSkewMs ?? undefined;
    });
    assert.ok(Math.abs(skewMs - dayMs) < 60_000, String(skewMs));
    const command = await issueTo('late-clock');
    await untilCommand(command.id, 'the command succeeded', (now) => now.counts.succeeded === 1);
    const seenAt = Date.parse(details.device.presence.lastSeenAt ?? '');
    assert.ok(Math.abs(seenAt - Date.now()) < 60_000, 'the time of the server counts');
    await running.stop();
  });

  fault(
    'a product whose record is gone is brought back by one click, with its number and its group',
    async () => {
      const details = await untilOnline('machine-one');
      const item = await administrator.client.call(removeDevice, { params: { deviceId: details.device.id } });
      await administrator.client.call(purgeRecycled, { params: { itemId: item.id } });
      const waiting = await untilWaiting();
      assert.equal(waiting.isReceiptVerified, true);
      await administrator.client.call(admitRegistration, {
        params: { registrationId: waiting.id },
        body: {},
      });
      const back = await untilOnline('machine-one');
      assert.equal(back.device.productNumber, details.device.productNumber);
      assert.deepEqual(back.device.groupPath, details.device.groupPath);
    },
  );

  fault('a database folder of another version is refused and stays as it is', async () => {
    assert.equal(await holdfast.stop(), 0, holdfast.output());
    const folder = join(home.path, 'state', 'database');
    const versionFile = await findFile(folder, 'PG_VERSION');
    const version = await readFile(versionFile, 'utf8');
    await writeFile(versionFile, '99\n');
    const before = await listFolder(folder);
    const told = await startRefused({ HOLDFAST_PORT: String(holdfast.port) });
    assert.match(told, /99/u);
    assert.match(told, /DATABASE_[A-Z_]*VERSION/u);
    assert.deepEqual(await listFolder(folder), before);
    await writeFile(versionFile, version);
    holdfast = await startHoldfast({ home: home.path, port: holdfast.port, withAgent: false });
    await untilOnline('machine-one');
  });

  fault('after the loss of the whole database one click brings a product back', async () => {
    const details = await untilOnline('machine-one');
    assert.equal(await holdfast.stop(), 0, holdfast.output());
    administrator.close();
    await rm(join(home.path, 'state', 'database'), { recursive: true });
    holdfast = await startHoldfast({ home: home.path, port: holdfast.port, withAgent: false });
    assert.ok(holdfast.setupLink, 'nobody can sign in, so the set-up link is offered again');
    administrator = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
    const waiting = await untilWaiting();
    assert.equal(waiting.isReceiptVerified, true);
    assert.equal(waiting.productNumber, details.device.productNumber);
    await administrator.client.call(admitRegistration, {
      params: { registrationId: waiting.id },
      body: {},
    });
    const back = await untilOnline('machine-one');
    assert.equal(back.device.productNumber, details.device.productNumber);
    administrator.close();
    administrator = await signInAdministrator(holdfast.origin);
  });
});

async function findFile(folder: string, name: string): Promise<string> {
  const found = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(name));
  const [shortest] = found.toSorted((a, b) => a.length - b.length);
  assert.ok(shortest, `${name} in ${folder}`);
  return join(folder, shortest);
}

async function findPostmaster(folder: string): Promise<number> {
  const content = await readFile(await findFile(folder, 'postmaster.pid'), 'utf8');
  return Number(content.split('\n')[0]);
}

/** Names and content that must not change; the lock of the folder comes and goes. */
async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.includes('lock'));
  return (
    await Promise.all(
      files.map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return `${path} ${(await readFile(path)).length}`;
      }),
    )
  ).toSorted();
}
