// What happens in a small organisation until everything that a release keeps is there: told to its own server by its own API, with
// its own agents.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { openRecordedNetwork } from './recorded-network.mjs';

const RELAY_PORT = 47_443;
const LISTENER_PORT = 47_450;
const YEAR_MS = 31_536_000_000;
const MONTH_MS = 2_592_000_000;
const MINUTE_MS = 60_000;
/** Every quarter of every hour is idle. */
const NEVER_WORKING = { timeZone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => '0'.repeat(24)) };
const INVENTED_FILES = {
  '/etc/os-release': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
  '/proc/cpuinfo': 'processor\t: 0\nmodel name\t: Example Processor 1000\nphysical id\t: 0\ncore id\t\t: 0\n',
  '/proc/self/mountinfo': '21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n',
  '/proc/meminfo': 'MemTotal:        8123456 kB\nMemAvailable:    4123456 kB\n',
  '/proc/sys/kernel/osrelease': '6.1.0-40-amd64\n',
  '/sys/class/dmi/id/sys_vendor': 'Example\n',
  '/sys/class/dmi/id/product_name': 'Desktop 1\n',
  '/sys/class/dmi/id/product_serial': 'EX-0001\n',
};

/**
 * @param {{ home: string, parts: object, backupFile: string }} options `parts`: what the checkout offers
 * @returns what the recording knows of itself, and the network's record
 */
export async function playStory({ home, parts, backupFile }) {
  const { api, startHoldfast, runHoldfast, findFreePort, createComputer, until } = parts;
  const holdfast = await startHoldfast({
    home,
    port: await findFreePort(),
    withAgent: false,
    environment: { HOLDFAST_PUBLIC_ADDRESS: `https://127.0.0.1:${RELAY_PORT}` },
  });
  const keys = join(home, 'state', 'keys');
  const network = await openRecordedNetwork({
    port: RELAY_PORT,
    serverPort: holdfast.port,
    tls: { key: readFileSync(join(keys, 'server.key')), cert: readFileSync(join(keys, 'server.crt')) },
  });
  const guest = await parts.setUpAdministrator(holdfast.origin, holdfast.setupLink);
  const administrator = await parts.signInAdministrator(holdfast.origin);
  const call = async (route, input = {}) => await administrator.client.call(route, input);
  const computers = new Map();
  const running = new Map();
  try {
    const secrets = await people();
    const groups = await directory();
    await communication(groups);
    const devices = await products(groups);
    const commands = await orders(groups, devices);
    await removals(groups, devices);
    await untilSettled(devices);
    await leaveInTheMiddle(devices, commands);
    const saved = await runHoldfast(home, ['backup', backupFile], environment());
    if (saved.code !== 0) throw new Error(`the backup failed: ${saved.stderr}`);
    return {
      recorded: network.recorded,
      facts: { secrets, commands, devices, groups, agentAddress: `https://127.0.0.1:${RELAY_PORT}` },
      agentHomes: Object.fromEntries([...computers].map(([name, computer]) => [name, computer.agentHome])),
    };
  } finally {
    guest.close();
    administrator.close();
    for (const agent of running.values()) agent.child.kill('SIGKILL');
    await holdfast.stop();
    network.close();
  }

  function environment() {
    return { HOLDFAST_PORT: String(holdfast.port) };
  }

  async function people() {
    const invite = async (name, role) =>
      await call(api.inviteAdministrator, { body: { name, displayName: `${name} Example`, role } });
    const auditor = await invite('grace', 'auditor');
    const password = 'lantern meadow turbine 41';
    await guest.client.call(api.acceptInvitation, { body: { secret: secretOf(auditor.link), password } });
    await invite('edsger', 'enterprise-administrator');
    const gone = await invite('alan', 'auditor');
    await call(api.setAdministratorState, {
      params: { administratorId: gone.administrator.id },
      body: { state: 'disabled' },
    });
    const { key } = await call(api.createApiKey, {
      body: {
        name: 'Recorded',
        permissions: ['directory:read', 'commands:read', 'logs:read'],
        expiresInMs: 5 * YEAR_MS,
      },
    });
    const revoked = await call(api.createApiKey, {
      body: { name: 'Revoked', permissions: ['directory:read'] },
    });
    await call(api.revokeApiKey, { params: { apiKeyId: revoked.apiKey.id } });
    return {
      administrator: { name: parts.administratorName, password: parts.administratorPassword },
      auditor: { name: 'grace', password },
      apiKey: key,
    };
  }

  async function directory() {
    const { groups } = await call(api.listGroups);
    const top = groups.find(({ parentId }) => parentId === null);
    const make = async (parent, name) => await call(api.createGroup, { body: { parentId: parent.id, name } });
    const berlin = await make(top, 'Berlin');
    const office = await make(berlin, 'Offices');
    const renamed = await call(api.renameGroup, {
      params: { groupId: office.id },
      body: { name: 'Office', revision: office.revision },
    });
    const made = {
      top,
      berlin,
      office: renamed,
      servers: await make(berlin, 'Servers'),
      field: await make(top, 'Field'),
      night: await make(top, 'Night'),
    };
    const old = await make(top, 'Closed branch');
    const { planToken } = await call(api.planGroupRemoval, { params: { groupId: old.id } });
    await call(api.removeGroup, { params: { groupId: old.id }, body: { planToken } });
    await call(api.createApiKey, {
      body: { name: 'Office only', permissions: ['directory:read'], scopeGroupId: made.office.id },
    });
    return Object.fromEntries(Object.entries(made).map(([name, { id }]) => [name, id]));
  }

  async function communication(groups) {
    const settings = await call(api.getSettings);
    await call(api.updateCommunicationSettings, {
      body: {
        revision: settings.revision,
        communication: { ...settings.communication, heartbeatIntervalMs: 1_000, offlineTimeoutMs: 600_000 },
      },
    });
    const logs = await call(api.getLogSettings);
    await call(api.updateLogSettings, {
      body: { revision: logs.revision, logs: { ...logs.logs, retentionDays: 3_650 } },
    });
    const say = async (groupId, saying) => {
      const { revision, own } = await call(api.getGroupCommunication, { params: { groupId } });
      const body = { revision, own: { ...own, ...saying } };
      await call(api.updateGroupCommunication, { params: { groupId }, body });
    };
    await say(groups.berlin, { heartbeatIntervalMs: 2_000, offlineTimeoutMs: 900_000 });
    await say(groups.servers, { mode: 'two-way-direct', listenerPort: LISTENER_PORT });
    await say(groups.field, { transport: 'https', mode: 'two-way-held' });
    await say(groups.night, { schedule: NEVER_WORKING });
  }

  async function products(groups) {
    const tokens = {};
    const makeToken = async (name, groupId, more = {}) => {
      const made = await call(api.createEnrolmentToken, {
        body: { name, groupId, maxUses: null, expiresInMs: YEAR_MS, isApprovalNeeded: false, ...more },
      });
      tokens[name] = made;
      return made.tokenString;
    };
    const join_ = async (name, groupId, { address, runs = true } = {}) => {
      const computer = await createComputer({ home, name, address, files: INVENTED_FILES });
      computers.set(name, computer);
      const { code, stderr } = await computer.enrol(await makeToken(`Token of ${name}`, groupId));
      if (code !== 0) throw new Error(`${name} did not join: ${stderr}`);
      if (runs) running.set(name, computer.run());
    };
    await join_('desk-01', groups.office, { address: '192.0.2.11' });
    await join_('srv-01', groups.servers, { address: '192.0.2.21' });
    await join_('van-01', groups.field, { address: '192.0.2.31' });
    await join_('shift-01', groups.night, { address: '192.0.2.41' });
    await join_('new-01', groups.office, { address: '192.0.2.51', runs: false });
    await join_('lost-01', groups.field, { address: '192.0.2.61', runs: false });
    await join_('barred-01', groups.field, { address: '192.0.2.71', runs: false });
    await makeToken('Unused', groups.berlin, { maxUses: 3 });
    await makeToken('Revoked', groups.berlin);
    await call(api.revokeEnrolmentToken, { params: { tokenId: tokens.Revoked.token.id } });
    const visitor = await createComputer({
      home,
      name: 'guest-01',
      address: '192.0.2.81',
      files: INVENTED_FILES,
    });
    const asking = await makeToken('With approval', groups.office, { isApprovalNeeded: true });
    // It asks, is told to wait, and waits in vain.
    void visitor.enrol(asking);
    await until('a device waits for approval', async () => {
      const { registrations } = await call(api.listWaitingRegistrations);
      return registrations.length > 0 || undefined;
    });
    const online = ['desk-01', 'srv-01', 'van-01', 'shift-01'];
    const devices = await until('the devices are online', async () => {
      const found = (await call(api.listDevices)).devices;
      const isThere = (name) =>
        found.some((device) => device.name === name && ['online', 'idle'].includes(device.presence.status));
      return online.every(isThere) ? found : undefined;
    });
    return Object.fromEntries(devices.map(({ name, id, productNumber }) => [name, { id, productNumber }]));
  }

  async function orders(groups, devices) {
    const order = async (name, type, more = {}) => {
      const { id } = await call(api.issueCommand, {
        body: { type, targets: { deviceIds: [devices[name].id] }, expiresInMs: MONTH_MS, ...more },
      });
      return id;
    };
    const stateOf = async (commandId) => {
      const { targets } = await call(api.listCommandTargets, { params: { commandId } });
      return targets[0]?.state;
    };
    const reach = async (commandId, state, limitMs) =>
      await until(
        `a command is ${state}`,
        async () => ((await stateOf(commandId)) === state ? true : undefined),
        limitMs,
      );
    const expired = await order('new-01', 'collect-inventory', { expiresInMs: MINUTE_MS });
    const queued = await order('new-01', 'collect-inventory');
    const waiting = await order('shift-01', 'collect-inventory');
    const cancelled = await order('new-01', 'upload-logs');
    await call(api.cancelCommand, { params: { commandId: cancelled } });
    const succeeded = await order('srv-01', 'collect-inventory');
    const held = await order('van-01', 'set-log-level', { parameters: { level: 'debug', forMinutes: 60 } });
    const failed = await order('van-01', 'restart-agent');
    await order('shift-01', 'upload-logs', { isUrgent: true });
    await reach(succeeded, 'succeeded');
    await reach(held, 'succeeded');
    await reach(failed, 'failed');
    const { id: retried } = await call(api.retryCommand, { params: { commandId: failed }, body: {} });
    await call(api.issueCommand, {
      body: {
        type: 'handshake-again',
        targets: { filter: { groupId: groups.servers } },
        expiresInMs: MONTH_MS,
      },
    });
    await reach(expired, 'expired', 120_000);
    return { expired, queued, waiting, cancelled, succeeded, held, failed, retried };
  }

  async function removals(groups, devices) {
    await call(api.renameDevice, {
      params: { deviceId: devices['srv-01'].id },
      body: { name: 'Mail server' },
    });
    await call(api.removeDevice, { params: { deviceId: devices['lost-01'].id } });
    await call(api.setProductState, {
      params: { productNumber: devices['barred-01'].productNumber },
      body: { state: 'disabled' },
    });
  }

  /** Everything that was under way has come to its end: what follows is alone in the record. */
  async function untilSettled(devices) {
    await until('nothing is under way', async () => {
      const { commands } = await call(api.listCommands, { query: { deviceId: devices['desk-01'].id } });
      return (
        commands.every(
          ({ counts }) => counts.queued + counts.delivered + counts.accepted + counts.running === 0,
        ) || undefined
      );
    });
  }

  /**
   * Leaves one agent with a command in each of its states, reports in its outbox and entries in its journals, and the server with
   * the states that belong to them. Agents are killed, so that nothing is put in order.
   */
  async function leaveInTheMiddle(devices, commands) {
    const order = async (name, type, more = {}) => {
      const { id } = await call(api.issueCommand, {
        body: { type, targets: { deviceIds: [devices[name].id] }, expiresInMs: MONTH_MS, ...more },
      });
      return id;
    };
    const kill = async (name) => {
      running.get(name).child.kill('SIGKILL');
      await running.get(name).exited;
    };
    await kill('van-01');
    await kill('shift-01');
    const isDelivery = (path) => path === '/mcp/v1/inventory' || path === '/mcp/v1/logs';
    network.decideBy(({ path }) => (isDelivery(path) ? 'hold' : 'pass'));
    commands.running = await order('srv-01', 'synchronise-now');
    await until('a command is running', async () => {
      const { counts } = await call(api.getCommand, { params: { commandId: commands.running } });
      return counts.running === 1 || undefined;
    });
    await kill('srv-01');

    const lastOrder = Promise.withResolvers();
    let reportCalls = 0;
    // Acceptance is told once. What follows stays with the agent: reports, facts, entries.
    network.decideBy(async ({ path }) => {
      if (path === '/mcp/v1/commands/reports') return (reportCalls += 1) === 1 ? 'pass' : 'refuse';
      // The next claim is made by the command that has begun; it brings the last order.
      if (path === '/mcp/v1/commands/claims' && reportCalls > 0) await lastOrder.promise;
      return isDelivery(path) ? 'hold' : 'pass';
    });
    const { child } = running.get('desk-01');
    // All in one claim: they are ordered while nobody fetches.
    child.kill('SIGSTOP');
    commands.agentSucceeded = await order('desk-01', 'set-log-level', {
      parameters: { level: 'info', forMinutes: 60 },
    });
    commands.agentFailed = await order('desk-01', 'restart-agent');
    commands.agentBegun = await order('desk-01', 'synchronise-now');
    commands.agentReady = await order('desk-01', 'collect-inventory');
    child.kill('SIGCONT');
    const stateFile = join(computers.get('desk-01').agentHome, 'state.sqlite');
    const reach = async (states) =>
      await until(
        `the agent has its commands in the states ${JSON.stringify(states)}`,
        () => {
          const found = parts.readAgentCommands(stateFile);
          return Object.entries(states).every(([id, state]) => found[id] === state) || undefined;
        },
        20_000,
        () => JSON.stringify(parts.readAgentCommands(stateFile)),
      );
    const middle = {
      [commands.agentSucceeded]: 'finished',
      [commands.agentFailed]: 'finished',
      [commands.agentBegun]: 'begun',
      [commands.agentReady]: 'ready',
    };
    await reach(middle);
    commands.agentReceived = await order('desk-01', 'upload-logs');
    lastOrder.resolve();
    await reach({ ...middle, [commands.agentReceived]: 'received' });
    await kill('desk-01');
  }
}

function secretOf(link) {
  return new URL(link).hash.slice(1);
}
