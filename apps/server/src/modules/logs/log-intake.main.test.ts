/** A server that is killed at any moment of an upload: what it acknowledged is there, and nothing is there twice. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  createMcpClient,
  fetchAuthority,
  type McpClient,
  type McpState,
  parseEnrolmentToken,
  type ProductFacts,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey } from '@holdfast/trust';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../../platform/database/test-database.ts';
import { type ServerProcess, spawnServer } from '../../testing/server-process.ts';
import { createEntries, createJournal } from '../../testing/test-logs.ts';

const ROUNDS = 4;
const BATCH = 200;
const facts: ProductFacts = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion, udp: false, commands: [] },
};

let folder: string;
let database: TestDatabase;
let server: ServerProcess | undefined;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-logs-'));
  await chmod(folder, 0o711);
  database = await createTestDatabase({ isEmpty: true });
});
after(async () => {
  server?.child.kill('SIGKILL');
  await server?.exited;
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(port: number): Promise<{ readonly address: string; readonly process: ServerProcess }> {
  server = spawnServer(path.join(folder, 'home'), {
    HOLDFAST_PORT: String(port),
    HOLDFAST_UDP_PORT: 'off',
    HOLDFAST_DATABASE_URL: database.url,
  });
  const { addresses } = await server.next('ready');
  const address = addresses.find((one) => one.includes('//localhost:'));
  assert.ok(address !== undefined);
  return { address, process: server };
}

async function countEntries(): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from log_entry`.execute(database.db);
  return rows[0]?.count ?? 0;
}

/** Kills the process right after the commit, whether or not the answer is on its way. */
async function killAfterCommit(process: ServerProcess, count: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  while ((await countEntries()) < count) {
    assert.ok(performance.now() < deadline, 'the batch was not committed');
    await delay(1);
  }
  process.child.kill('SIGKILL');
  await process.exited;
}

test('a server that is killed between the commit and the answer stores nothing twice', async () => {
  let started = await start(0);
  started.process.ask({ request: 'local-enrolment-token' });
  const { tokenString } = await started.process.next('local-enrolment-token');
  const token = parseEnrolmentToken(tokenString);
  const port = Number(new URL(started.address).port);
  const authority = await fetchAuthority({ addresses: [started.address], fingerprint: token.fingerprint });
  let state: McpState | undefined;
  const key = createProductKey();
  const connect = (): McpClient =>
    createMcpClient({
      addresses: [started.address],
      authority,
      signer: createAssertionSigner(key),
      clock: systemClock,
      store: {
        load: () => Promise.resolve(state),
        save: (next) => {
          state = next;
          return Promise.resolve();
        },
      },
    });
  let client = connect();
  await client.register(token, facts);
  await client.handshake(facts);
  const journal = createJournal();
  assert.equal(await client.sendLogs(journal, createEntries(1, 10)), 10);
  let acknowledged = 10;

  for (let round = 0; round < ROUNDS; round += 1) {
    const batch = createEntries(acknowledged + 1, BATCH);
    // The answer is lost with the process, or is there just before it: either is right.
    const lost = client.sendLogs(journal, batch).then(
      (sequence) => assert.equal(sequence, acknowledged + BATCH),
      () => undefined,
    );
    // Every other round ends at any moment instead, mostly before the commit.
    if (round % 2 === 0) await killAfterCommit(started.process, acknowledged + BATCH);
    else {
      await delay(round * 3);
      started.process.child.kill('SIGKILL');
      await started.process.exited;
    }
    await lost;
    client.close();
    started = await start(port);
    client = connect();
    await client.handshake(facts);
    // Cut differently the second time.
    assert.ok((await client.sendLogs(journal, batch.slice(0, 7))) >= acknowledged + 7);
    assert.equal(await client.sendLogs(journal, batch), acknowledged + BATCH);
    acknowledged += BATCH;
  }
  client.close();
  const { rows } = await sql<{ sequence: number }>`select sequence from log_entry order by id`.execute(
    database.db,
  );
  assert.deepEqual(
    rows.map(({ sequence }) => sequence),
    Array.from({ length: acknowledged }, (_, index) => index + 1),
  );
});
