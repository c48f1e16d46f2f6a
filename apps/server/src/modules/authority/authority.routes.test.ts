/** An authority is renewed while a fleet is there: products by the protocol's own client, over TLS. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { getSystemState, listAuditEntries } from '@holdfast/api';
import { hasCode, systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  createMcpClient,
  fetchAuthority,
  fingerprintsOf,
  type McpClient,
  type McpState,
  parseEnrolmentToken,
  type PinnedAuthority,
  type ProductFacts,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey } from '@holdfast/trust';
import { sql } from 'kysely';
import { pino } from 'pino';
import {
  openOwnAuthority,
  type OwnAuthorityKeeper,
  type TrustedAuthority,
} from '../../platform/keys/authority-keeper.ts';
import { openKeys, readAuthority } from '../../platform/keys/key-store.ts';
import { callApi } from '../../testing/test-api.ts';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { createTestToken } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const DAY_MS = 86_400_000;
const log = pino({ level: 'silent' });
let folder: string;
let keeper: OwnAuthorityKeeper;
let server: TestServer;
let token: string;
let lines: string[] = [];

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-authority-'));
  const nowMs = systemClock.now();
  await openKeys({ folder, log, nowMs, hasProducts: async () => false });
  keeper = await openOwnAuthority({ folder, log }, await readAuthority({ folder, log }));
  server = await startTestServer({
    isListening: true,
    authority: keeper,
    // Certificates are checked by real time.
    clock: createTestClock(nowMs),
    onLogLine: (line) => lines.push(line),
  });
  token = await createTestToken(server, { expiresInMs: 30 * DAY_MS });
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** A product with what it keeps between starts. */
class KeepingProduct {
  readonly #signer = createAssertionSigner(createProductKey());
  readonly #facts: ProductFacts;
  #state: McpState | undefined;
  pinned: PinnedAuthority;
  client: McpClient;

  constructor(pinned: PinnedAuthority, version = capabilityVersion) {
    this.#facts = {
      product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
      device: { name: `version-${version}`, platform: 'linux', architecture: 'x64' },
      capabilities: { capabilityVersion: version, udp: false, commands: [] },
    };
    this.pinned = pinned;
    this.client = this.#start();
  }

  /** Enrols with a token, as an agent does. */
  static async enrol(tokenString: string, version?: number): Promise<KeepingProduct> {
    const { addresses: _addresses, ...parts } = parseEnrolmentToken(tokenString);
    const pinned = await fetchAuthority({ addresses: [server.address], fingerprint: parts.fingerprint });
    const product = new KeepingProduct(pinned, version);
    assert.equal((await product.client.register(parts, product.#facts)).state, 'registered');
    return product;
  }

  async shakeHands(): Promise<number> {
    return (await this.client.handshake(this.#facts)).productNumber;
  }

  /** As after a restart: only what was kept is known. */
  restart(): void {
    this.client.close();
    this.client = this.#start();
  }

  get trusts(): readonly string[] {
    return fingerprintsOf(this.pinned);
  }

  #start(): McpClient {
    return createMcpClient({
      addresses: [server.address],
      authority: this.pinned,
      keepAuthority: async (pinned) => {
        this.pinned = pinned;
      },
      signer: this.#signer,
      store: {
        load: async () => this.#state,
        save: async (state) => {
          this.#state = state;
        },
      },
      clock: systemClock,
    });
  }
}

const findNext = (): TrustedAuthority | undefined => keeper.next;

const products: KeepingProduct[] = [];
after(() => {
  for (const { client } of products) client.close();
});
async function enrol(version?: number): Promise<KeepingProduct> {
  const product = await KeepingProduct.enrol(token, version);
  products.push(product);
  return product;
}

test('the fleet learns the next authority while the present one is valid, and follows when it takes over', async () => {
  const first = keeper.current.fingerprint;
  const present = await enrol();
  const away = await enrol();
  const previous = await enrol(2);
  for (const product of [present, away, previous]) await product.shakeHands();
  assert.deepEqual([present.trusts, previous.trusts], [[first], [first]]);

  // As `holdfast authority renew` does it beside a server that runs.
  const other = await openOwnAuthority({ folder, log }, await readAuthority({ folder, log }));
  const { fingerprint: second } = await other.prepareNext(systemClock.now());
  await server.jobs.run('authority.check');
  assert.equal(keeper.current.fingerprint, first);

  await present.shakeHands();
  const previousNumber = await previous.shakeHands();
  assert.deepEqual(present.trusts, [first, second]);
  assert.deepEqual(
    previous.trusts,
    [first],
    'a product of the previous release is told nothing that it does not know',
  );
  present.restart();
  const presentNumber = await present.shakeHands();
  server.clock.advance(4 * DAY_MS);
  const { authority } = await callApi(server, getSystemState);
  assert.deepEqual(authority.next?.fingerprint, second);
  assert.deepEqual([authority.next?.knownBy, authority.next?.unknownTo], [1, 2]);
  await server.jobs.run('authority.check');
  assert.equal(keeper.current.fingerprint, first, 'nobody is left behind');

  // The others are not in use any more, as far as anybody knows.
  const { db } = server.database;
  await db
    .updateTable('managed_product')
    .set({ state: 'disabled' })
    .where('number', '<>', presentNumber)
    .execute();
  server.clock.advance(60_000);
  await server.jobs.run('authority.check');
  assert.equal(keeper.current.fingerprint, second);
  await db.updateTable('managed_product').set({ state: 'active' }).execute();

  present.restart();
  assert.equal(await present.shakeHands(), presentNumber);
  assert.deepEqual(present.trusts, [second, first], 'the former one stays trusted until its end');

  // Whoever was away meets a certificate that it cannot know, and the signature of the one that it trusts.
  away.restart();
  await away.shakeHands();
  assert.deepEqual(away.trusts, [second, first]);
  previous.restart();
  assert.equal(await previous.shakeHands(), previousNumber);

  // A token from before leads to the present authority.
  const late = await enrol();
  await late.shakeHands();
  assert.equal(late.trusts[0], second);
  await assert.rejects(new KeepingProduct(await strangeAuthority()).shakeHands(), (error) =>
    hasCode(error, 'SERVER_CERTIFICATE_INVALID'),
  );

  const { entries } = await callApi(server, listAuditEntries);
  const told = entries.filter(({ objectKind }) => objectKind === 'authority').toReversed();
  assert.deepEqual(
    told.map(({ action, objectId }) => [action, objectId]),
    [
      ['authority.prepared', second],
      ['authority.changed', second],
    ],
  );
  assert.equal(told[1]?.details['former'], first);
});

async function strangeAuthority(): Promise<PinnedAuthority> {
  const strange = await mkdtemp(path.join(os.tmpdir(), 'holdfast-authority-'));
  try {
    const files = { folder: strange, log };
    await openKeys({ ...files, nowMs: systemClock.now(), hasProducts: async () => false });
    const { current } = await openOwnAuthority(files, await readAuthority(files));
    return { certificate: current.certificate, fingerprint: current.fingerprint };
  } finally {
    await rm(strange, { recursive: true });
  }
}

test('long before its end the next one is made, and people are told; a clock that is wrong changes nothing', async () => {
  const { current } = keeper;
  lines = [];
  server.clock.advance(current.endsAtMs - 800 * DAY_MS - server.clock.now());
  await server.jobs.run('authority.check');
  assert.equal(findNext(), undefined);
  server.clock.advance(100 * DAY_MS);
  // A clock that was set, and did not go there.
  server.clock.jump(-40 * 365 * DAY_MS);
  await assert.rejects(server.jobs.run('authority.check'), /CLOCK_IMPLAUSIBLE/);
  server.clock.jump(40 * 365 * DAY_MS + 200 * DAY_MS);
  await server.jobs.run('authority.check');
  assert.equal(findNext(), undefined, 'a clock that leapt is not believed');
  server.clock.jump(-200 * DAY_MS);
  await server.jobs.run('authority.check').catch(() => {});
  server.clock.advance(2 * DAY_MS);
  await server.jobs.run('authority.check');
  const next = findNext();
  assert.ok(next !== undefined);
  assert.ok(next.endsAtMs > current.endsAtMs + 7 * 365 * DAY_MS);
  assert.ok(!lines.some((line) => line.includes('near its end')));

  // Not every product knows it, so it waits until the present one is about to end.
  server.clock.advance(current.endsAtMs - 360 * DAY_MS - server.clock.now());
  await server.jobs.run('authority.check');
  assert.equal(keeper.current.fingerprint, current.fingerprint);
  assert.ok(lines.some((line) => line.includes('near its end')));
  const { authority } = await callApi(server, getSystemState);
  assert.equal(authority.phase, 'ends-soon');
  const { body } = await server.call({ method: 'GET', url: '/metrics' }, server.actAs());
  assert.match(
    body,
    new RegExp(`^holdfast_authority_end_timestamp_seconds ${current.endsAtMs / 1_000}$`, 'm'),
  );
  const { rows } = await sql<{ days: number }>`
    select (data ->> 'daysLeft')::integer as days from domain_event where type = 'authority.ends-soon'`.execute(
    server.database.db,
  );
  assert.deepEqual(rows, [{ days: 360 }]);

  server.clock.advance(current.endsAtMs - 89 * DAY_MS - server.clock.now());
  await server.jobs.run('authority.check');
  assert.equal(keeper.current.fingerprint, next.fingerprint);
});
