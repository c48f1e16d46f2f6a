import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ApiError,
  createEnrolmentToken,
  createGroup,
  getSettings,
  issueCommand,
  listDevices,
  listGroups,
  updateCommunicationSettings,
} from '@holdfast/api';
import { type AdministratorSession, setUpAdministrator } from './administrator.ts';
import { type AgentJournals, openAgentJournals } from './agent-journals.ts';
import { createComputer } from './agent-process.ts';
import { findFreePort } from './free-port.ts';
import { holdfastEnvironment } from './holdfast-process.ts';
import { type KeptProgram, keepRunning } from './kept-program.ts';
import { startProcess } from './running-process.ts';
import type { SeededRandom } from './seeded-random.ts';
import { until } from './until.ts';

const serverProgram = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));
const countingProgram = fileURLToPath(
  new URL('../../apps/agent/src/testing/counting-agent.ts', import.meta.url),
);

/** One computer with an agent that is kept running. */
export interface KilledComputer {
  readonly name: string;
  readonly deviceId: string;
  readonly productNumber: number;
  readonly agent: KeptProgram;
  readonly journals: AgentJournals;
  /** Marks of entries that are on its disk. */
  readonly marks: string[];
  readonly commandTypes: readonly [string, ...string[]];
}

/** A server, its database and two agents, each of which is started again when it ends, and an administrator. */
export interface KilledWorld {
  readonly home: string;
  readonly databaseFolder: string;
  readonly server: KeptProgram;
  readonly computers: readonly KilledComputer[];
  readonly administrator: AdministratorSession;
  /** Folder with one trace of every effect of the second computer's commands. */
  readonly effects: string;
  output(): string;
}

export async function openKilledWorld(home: string): Promise<KilledWorld> {
  const port = await findFreePort();
  const server = keepRunning(() =>
    startProcess(
      process.execPath,
      [serverProgram],
      holdfastEnvironment(home, { HOLDFAST_PORT: String(port), HOLDFAST_HOST: '127.0.0.1' }),
    ),
  );
  const setupLink = await until(
    'the server is ready',
    () => /https:\/\/\S+\/setup#\S+/u.exec(server.current.output())?.[0],
    90_000,
    () => server.current.output(),
  );
  const administrator = await setUpAdministrator(`https://localhost:${port}`, setupLink);
  const { client } = administrator;
  const { revision } = await client.call(getSettings, {});
  await client.call(updateCommunicationSettings, {
    body: { revision, communication: { heartbeatIntervalMs: 1_000, offlineTimeoutMs: 3_000 } },
  });
  const { groups } = await client.call(listGroups, {});
  const top = groups.find((group) => group.parentId === null);
  const group = await client.call(createGroup, { body: { parentId: top?.id ?? '', name: 'Machines' } });
  const { tokenString } = await client.call(createEnrolmentToken, {
    body: {
      name: 'machines',
      groupId: group.id,
      maxUses: null,
      expiresInMs: 3_600_000,
      isApprovalNeeded: false,
    },
  });
  const effects = join(home, 'effects');
  await mkdir(effects);

  const enter = async (
    name: string,
    commandTypes: readonly [string, ...string[]],
    more: Pick<Parameters<typeof createComputer>[0], 'agentProgram' | 'environment'> = {},
  ): Promise<KilledComputer> => {
    const computer = await createComputer({ home, name, ...more });
    const enrolled = await computer.enrol(tokenString);
    assert.equal(enrolled.code, 0, enrolled.stderr);
    const agent = keepRunning(() => computer.run());
    const device = await until(
      `${name} is online`,
      async () => {
        const { devices } = await client.call(listDevices, { query: { search: name } });
        return devices.find(({ presence }) => presence.status === 'online');
      },
      60_000,
      () => `${agent.current.output()}\n${server.current.output()}`,
    );
    return {
      name,
      deviceId: device.id,
      productNumber: device.productNumber,
      agent,
      journals: openAgentJournals(computer.agentHome),
      marks: [],
      commandTypes,
    };
  };
  // The agent as it is shipped; and one whose commands leave traces that can be counted.
  const shipped = await enter('shipped', ['collect-inventory', 'run-health-check', 'synchronise-now']);
  const counting = await enter('counting', ['x-append', 'x-append', 'x-create'], {
    agentProgram: countingProgram,
    environment: { EFFECTS: effects },
  });
  const computers = [shipped, counting];
  return {
    home,
    databaseFolder: join(home, 'state', 'database'),
    server,
    computers,
    administrator,
    effects,
    output: () =>
      [server, ...computers.map(({ agent }) => agent)]
        .map(({ current, otherEnds }) => [...otherEnds, current.output().slice(-4_000)].join('\n'))
        .join('\n——\n'),
  };
}

/** Writes log entries into the journals of the agents until it is stopped, a few at a time. */
export async function writeEntries(
  { computers }: KilledWorld,
  random: SeededRandom,
  signal: AbortSignal,
): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    for (const { journals, marks } of computers) {
      const next = Array.from({ length: random.between(1, 6) }, (_, index) => `${round}/${index}`);
      if (journals.write(next, random.between(0, 400))) marks.push(...next);
    }
    await pause(100);
  }
}

/** What the administrator did and was told. */
export interface Orders {
  /** Requests, each with a key by which it may be repeated. */
  requestCount: number;
  /** Commands that the server acknowledged. */
  readonly acknowledged: Set<string>;
  /** Answers other than success, with their numbers. */
  readonly refusals: Map<string, number>;
}

/** Orders one command after the other until it is stopped, each repeated until it is acknowledged. */
export async function issueCommands(
  world: KilledWorld,
  random: SeededRandom,
  orders: Orders,
  signal: AbortSignal,
): Promise<void> {
  const [first, ...others] = world.computers;
  assert.ok(first);
  while (!signal.aborted) {
    const computer = random.pick([first, ...others]);
    await issueOne(world, computer, random.pick(computer.commandTypes), orders);
    await pause(random.between(50, 350));
  }
}

/** Until it is acknowledged, with one key. */
export async function issueOne(
  { administrator }: KilledWorld,
  { deviceId }: KilledComputer,
  type: string,
  orders: Orders,
): Promise<void> {
  const body = { type, targets: { deviceIds: [deviceId] }, idempotencyKey: randomUUID() };
  orders.requestCount += 1;
  for (;;) {
    try {
      const { id } = await administrator.client.call(issueCommand, { body });
      orders.acknowledged.add(id);
      return;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const kind = `${error.status} ${error.code}`;
      orders.refusals.set(kind, (orders.refusals.get(kind) ?? 0) + 1);
      await pause(50);
    }
  }
}
