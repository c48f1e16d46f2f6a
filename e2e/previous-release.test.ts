import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  getCommand,
  getDevice,
  getGroupCommunication,
  issueCommand,
  listAuditEntries,
  listCommands,
  listDevices,
  listGroups,
  listLogEntries,
  type OwnCommunication,
  updateGroupCommunication,
} from '@holdfast/api';
import { compareReleases } from '@holdfast/kernel';
import {
  defaultMigrationsFolder,
  readMigrationFiles,
} from '@holdfast/server/src/platform/database/migration-file.ts';
import {
  createTestDatabase,
  type TestDatabase,
} from '@holdfast/server/src/platform/database/test-database.ts';
import { type ServerProcess, spawnServer } from '@holdfast/server/src/testing/server-process.ts';
import { listPreviousReleases, openPreviousRelease, type RecordedAgent } from '@holdfast/testkit';
import { sql } from 'kysely';
import { type AdministratorSession, signInAdministrator } from './support/administrator.ts';
import { agentPath } from './support/agent-process.ts';
import { findFreePort } from './support/free-port.ts';
import { createHome, holdfastEnvironment } from './support/holdfast-process.ts';
import { type RunningProcess, startProcess, stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

// An organisation that was left by an earlier release in the middle of its work: its backup is restored, the server of today takes it
// over, its agents go on, and for a while the server of then works on the database of today.

const MONTH_MS = 2_592_000_000;

for (const version of listPreviousReleases()) {
  const release = openPreviousRelease(version);
  const { facts } = release;

  describe(`what release ${version} left`, { concurrency: false }, () => {
    let home: Awaited<ReturnType<typeof createHome>>;
    let database: TestDatabase;
    let port: number;
    let server: ServerProcess | undefined;
    let administrator: AdministratorSession;
    const agents = new Map<RecordedAgent, RunningProcess>();
    let isServed = false;

    before(async () => {
      home = await createHome();
      database = await createTestDatabase({ isEmpty: true });
      port = await findFreePort();
      assert.equal(await runRestore(), 0);
      await moveIntoPresent();
    });
    after(async () => {
      await stopServer();
      await stopAllProcesses();
      await database?.close();
      await home?.remove();
    });

    test('the server of today takes it over, and everything is there', async () => {
      await startServer();
      await signIn();
      const { devices } = await administrator.client.call(listDevices, {});
      const names = ['Mail server', 'barred-01', 'desk-01', 'new-01', 'shift-01', 'van-01'];
      assert.deepEqual(devices.map(({ name }) => name).sort(), names);
      const desk = devices.find(({ name }) => name === 'desk-01');
      assert.deepEqual(desk?.groupPath, ['Berlin', 'Office']);
      const { inventory, products } = await administrator.client.call(getDevice, {
        params: { deviceId: desk.id },
      });
      assert.equal(inventory?.facts.processor?.model, 'Example Processor 1000');
      assert.equal(products[0]?.version, version);
      const { groups } = await administrator.client.call(listGroups, {});
      for (const id of Object.values(facts.groups)) assert.ok(groups.some((group) => group.id === id));
      const { entries: logs } = await administrator.client.call(listLogEntries, {
        query: { type: 'agent-started' },
      });
      assert.ok(logs.length >= 3);
      const { entries: audit } = await administrator.client.call(listAuditEntries, {
        query: { action: 'backup.restored' },
      });
      assert.equal(audit.length, 1);

      const { own, effective } = await readCommunication('office');
      assert.equal(own.heartbeatIntervalMs, null);
      assert.equal(effective.heartbeatIntervalMs, 2_000);
      assert.equal(effective.offlineTimeoutMs, 900_000);
      assert.equal((await readCommunication('field')).own.transport, 'https');
      assert.equal((await readCommunication('servers')).effective.mode, 'two-way-direct');
      assert.equal((await readCommunication('night')).isIdle, true);

      const counts = async (name: string) =>
        (await administrator.client.call(getCommand, { params: { commandId: facts.commands[name] ?? '' } }))
          .counts;
      assert.equal((await counts('succeeded')).succeeded, 1);
      assert.equal((await counts('failed')).failed, 1);
      assert.equal((await counts('expired')).expired, 1);
      assert.equal((await counts('cancelled')).cancelled, 1);
      assert.equal((await counts('queued')).queued, 1);
      assert.equal((await counts('agentReceived')).delivered, 1);
      assert.equal((await counts('agentReady')).accepted, 1);
      assert.equal((await counts('running')).running, 1);
    });

    test('everybody who could sign in still can', async () => {
      const auditor = await signInAdministrator(origin(), facts.secrets.auditor);
      assert.equal(auditor.me.displayName, 'grace Example');
      auditor.close();
      const answer = await server?.fetch(origin(), '/api/v1/devices', {
        authorization: `Bearer ${facts.secrets.apiKey}`,
      });
      assert.equal(answer?.status, 200);
    });

    test('an agent of then ends what it had begun, and obeys anew', async () => {
      const program = release.unpackAgentProgram(join(home.path, 'agent-program'));
      await startAgent('desk-01', program);
      await reachEnd('agentSucceeded', 'succeeded');
      await reachEnd('agentFailed', 'failed');
      await reachEnd('agentBegun', 'succeeded');
      await reachEnd('agentReady', 'succeeded');
      await reachEnd('agentReceived', 'succeeded');
      await order('desk-01', 'collect-inventory');
    });

    test('its successor takes over what it had, in place', async () => {
      await stopAgent('desk-01');
      await startAgent('desk-01', agentPath, { isKept: true });
      await order('desk-01', 'handshake-again');
      await startAgent('new-01', agentPath);
      await reachEnd('queued', 'succeeded');
    });

    test('the server of then works on the database of today, as long as the migrations say so', async (t) => {
      const files = await readMigrationFiles();
      isServed = files.every(({ serves }) => serves === null || compareReleases(version, serves) >= 0);
      if (!isServed) {
        t.skip(`migrations of today do not let ${version} work`);
        return;
      }
      await say('night', { heartbeatIntervalMs: 4_000, offlineTimeoutMs: 40_000 });
      await stopServer();
      // Release 0.1.0 cannot know that it may, and refuses; so what it does not know is hidden from it.
      await sql`create table hidden_migration as select * from schema_migration where serves is not null`.execute(
        database.db,
      );
      await sql`delete from schema_migration where serves is not null`.execute(database.db);
      await startServer(
        release.unpackServerProgram(join(home.path, 'server-program'), defaultMigrationsFolder),
      );
      const { version: running } = (await signIn()).me.server;
      assert.equal(running, version);
      assert.equal((await administrator.client.call(listDevices, {})).devices.length, 6);
      assert.ok((await administrator.client.call(listCommands, {})).commands.length > 5);
      await order('desk-01', 'collect-inventory');
      await order('new-01', 'synchronise-now');
      const { own, isIdle } = await readCommunication('night');
      assert.deepEqual([own.heartbeatIntervalMs, own.offlineTimeoutMs, isIdle], [4_000, 40_000, true]);
      await say('office', { heartbeatIntervalMs: 3_000 });
    });

    test('and the server of today goes on with what that one did', async (t) => {
      if (!isServed) {
        t.skip();
        return;
      }
      await stopServer();
      await sql`insert into schema_migration select * from hidden_migration`.execute(database.db);
      await sql`drop table hidden_migration`.execute(database.db);
      await startServer();
      await signIn();
      assert.equal((await readCommunication('office')).own.heartbeatIntervalMs, 3_000);
      await order('desk-01', 'collect-inventory');
    });

    function origin(): string {
      return `https://127.0.0.1:${port}`;
    }

    function variables(): Readonly<Record<string, string>> {
      return {
        HOLDFAST_PORT: String(port),
        HOLDFAST_PUBLIC_ADDRESS: origin(),
        HOLDFAST_DATABASE_URL: database.url,
        // However long ago the recording was made: nothing of it is thrown away.
        HOLDFAST_COMMAND_RETENTION_DAYS: '3650',
      };
    }

    async function startServer(program?: string): Promise<void> {
      server = spawnServer(join(home.path, 'state'), variables(), program);
      await server.next('ready');
    }

    async function stopServer(): Promise<void> {
      administrator?.close();
      server?.child.kill('SIGTERM');
      await server?.exited;
      server = undefined;
    }

    async function signIn(): Promise<AdministratorSession> {
      administrator = await signInAdministrator(origin(), facts.secrets.administrator);
      return administrator;
    }

    async function runRestore(): Promise<number | null> {
      const main = fileURLToPath(new URL('../apps/server/src/processes/restore.main.ts', import.meta.url));
      const child = spawn(process.execPath, [main, release.backupFile], {
        env: { ...holdfastEnvironment(home.path), HOLDFAST_DATABASE_URL: database.url },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    }

    /** Orders that were good for a month when they were recorded are so now. */
    async function moveIntoPresent(): Promise<void> {
      await sql`update command set expires_at = now() + interval '30 days' where expires_at - issued_at > interval '1 day'`.execute(
        database.db,
      );
    }

    async function startAgent(
      name: RecordedAgent,
      program: string,
      { isKept = false }: { readonly isKept?: boolean } = {},
    ): Promise<void> {
      const folder = join(home.path, `agent-${name}`);
      if (!isKept) {
        release.unpackAgentState(name, folder);
        const state = new DatabaseSync(join(folder, 'state.sqlite'));
        state.prepare('UPDATE registration SET addresses = ?').run(JSON.stringify([origin()]));
        state
          .prepare("UPDATE command SET expires_at = ? WHERE state <> 'finished'")
          .run(Date.now() + MONTH_MS);
        state.close();
      }
      const environment = holdfastEnvironment(home.path, { HOLDFAST_AGENT_HOME: folder });
      agents.set(name, startProcess(process.execPath, [program, 'run'], environment));
    }

    async function stopAgent(name: RecordedAgent): Promise<void> {
      await agents.get(name)?.stop();
      agents.delete(name);
    }

    async function readCommunication(group: string) {
      const params = { groupId: facts.groups[group] ?? '' };
      return await administrator.client.call(getGroupCommunication, { params });
    }

    async function say(group: string, saying: Partial<OwnCommunication>): Promise<void> {
      const { revision, own } = await readCommunication(group);
      await administrator.client.call(updateGroupCommunication, {
        params: { groupId: facts.groups[group] ?? '' },
        body: { revision, own: { ...own, ...saying } },
      });
    }

    async function reach(commandId: string, end: 'succeeded' | 'failed'): Promise<void> {
      await until(
        `the command ${commandId} has ${end}`,
        async () => {
          const { counts } = await administrator.client.call(getCommand, { params: { commandId } });
          return counts[end] === 1 || undefined;
        },
        60_000,
        () =>
          [...agents].map(([name, agent]) => `--- ${name}\n${agent.output()}`).join('\n') + server?.output(),
      );
    }

    async function reachEnd(name: string, end: 'succeeded' | 'failed'): Promise<void> {
      await reach(facts.commands[name] ?? '', end);
    }

    async function order(device: RecordedAgent, type: string): Promise<void> {
      const { id } = await administrator.client.call(issueCommand, {
        body: { type, targets: { deviceIds: [facts.devices[device]?.id ?? ''] } },
      });
      await reach(id, 'succeeded');
    }
  });
}
