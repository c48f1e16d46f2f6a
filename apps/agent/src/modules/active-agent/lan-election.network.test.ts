/** Real processes and sockets on a LAN of network namespaces. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type BridgedLan, createBridgedLan, findLanObstacle } from '../../testing/bridged-lan.ts';
import { eventually } from '../../testing/eventually.ts';

const program = fileURLToPath(new URL('./lan-election.test-process.ts', import.meta.url));
const FAILOVER_MS = 3_000;
const KEY = 1;

interface Line {
  readonly isActive: boolean;
  readonly term: number;
  readonly leader: number | null;
  readonly atMs: number;
}

interface Played {
  readonly productNumber: number;
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: Line[];
}

const isActive = ({ lines }: Played): boolean => lines.at(-1)?.isActive === true;
const leaderOf = ({ lines }: Played): number | null | undefined => lines.at(-1)?.leader;

describe('the election on a LAN', { skip: findLanObstacle(), concurrency: false }, () => {
  let lan: BridgedLan;
  const played = new Set<Played>();

  before(async () => {
    lan = await createBridgedLan(5);
  });

  afterEach(async () => {
    await Promise.all([...played].map(kill));
    await lan.place([0, 1, 2, 3, 4], 0);
  });

  after(async () => await lan?.remove());

  function play(
    host: number,
    options: { fitness?: number; key?: number; hints?: readonly string[] } = {},
  ): Played {
    const productNumber = host + 1;
    const { fitness = 500, key = KEY, hints = [] } = options;
    const args = [process.execPath, program, String(productNumber), String(fitness), String(key), ...hints];
    const child = spawn('ip', ['netns', 'exec', lan.hosts[host] ?? '', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const one: Played = { productNumber, child, lines: [] };
    createInterface(child.stdout).on('line', (line) => one.lines.push(JSON.parse(line) as Line));
    played.add(one);
    return one;
  }

  async function kill(one: Played): Promise<void> {
    played.delete(one);
    if (one.child.exitCode !== null || one.child.signalCode !== null) return;
    one.child.kill('SIGKILL');
    await once(one.child, 'exit');
  }

  /** Waits until all of them agree. */
  async function agree(all: readonly Played[], limitMs = 15_000): Promise<Played> {
    const find = (): Played | undefined => {
      const [one, another] = all.filter(isActive);
      if (one === undefined || another !== undefined) return undefined;
      return all.every((other) => other === one || leaderOf(other) === one.productNumber) ? one : undefined;
    };
    await eventually('they agree', () => find() !== undefined, limitMs).catch((error: unknown) => {
      const views = all.map(({ productNumber, lines }) => [productNumber, lines.at(-1)]);
      throw new Error(JSON.stringify(views), { cause: error });
    });
    return find() ?? assert.fail('they agreed for a moment only');
  }

  test('five agents elect one; each kill is made good within 3 seconds, down to the last', async () => {
    let all = [0, 1, 2, 3, 4].map((host) => play(host));
    await agree(all);
    while (all.length > 1) {
      const active = await agree(all);
      const killedAtMs = Date.now();
      await kill(active);
      all = all.filter((one) => one !== active);
      const next = await agree(all);
      const tookMs = (next.lines.findLast((line) => line.isActive)?.atMs ?? Infinity) - killedAtMs;
      assert.ok(tookMs <= FAILOVER_MS, `${tookMs} ms`);
    }
  });

  test('a split: both sides have one; when it heals, the one that was there before remains', async () => {
    const all = [0, 1, 2, 3, 4].map((host) => play(host));
    const before = await agree(all);
    const away = all.filter((one) => one !== before).slice(0, 2);
    const rest = all.filter((one) => !away.includes(one));
    await lan.place(
      away.map(({ productNumber }) => productNumber - 1),
      1,
    );
    await agree(away);
    assert.equal(await agree(rest), before);
    await lan.place(
      away.map(({ productNumber }) => productNumber - 1),
      0,
    );
    assert.equal(await agree(all), before);
  });

  test('two organisations on one LAN do not see each other', async () => {
    const ours = [0, 1, 2].map((host) => play(host, { fitness: 300 }));
    const theirs = [3, 4].map((host) => play(host, { fitness: 590, key: 2 }));
    const [our, their] = await Promise.all([agree(ours), agree(theirs)]);
    assert.ok(ours.includes(our) && theirs.includes(their));
    await kill(our);
    assert.ok((await agree(ours.filter((one) => one !== our))).productNumber <= 3);
    assert.ok(isActive(their));
  });

  test('a clean stop hands over to the standby at once, and unfitness does', async () => {
    const all = [0, 1, 2].map((host) => play(host));
    const first = await agree(all);
    first.child.stdin.write('0\n');
    await eventually('it makes way', () => !isActive(first), 2_000);
    const second = await agree(all);
    assert.notEqual(second, first);
    second.child.stdin.end();
    await once(second.child, 'exit');
    const third = await agree(all.filter((one) => one !== second));
    assert.notEqual(third, first, 'it is still not to be elected');
  });

  test('an agent that sleeps is replaced, and makes way when it wakes', async () => {
    const all = [0, 1, 2].map((host) => play(host));
    const first = await agree(all);
    const rest = all.filter((one) => one !== first);
    first.child.kill('SIGSTOP');
    const second = await agree(rest);
    first.child.kill('SIGCONT');
    assert.equal(await agree(all), second);
  });

  test('an agent whose cable is out for a while is replaced, and follows when it is back', async () => {
    const all = [0, 1, 2].map((host) => play(host));
    const first = await agree(all);
    await lan.unplug(first.productNumber - 1);
    const second = await agree(all.filter((one) => one !== first));
    await eventually('it has noticed', () => !isActive(first), 12_000);
    await lan.plugIn(first.productNumber - 1);
    assert.equal(await agree(all, 20_000), second);
  });

  test('where multicast does not pass, agents find each other by the hints of the server, and only those are elected', async () => {
    await lan.blockMulticast();
    const hints = lan.addresses.slice(0, 2);
    const all = [0, 1, 2, 3].map((host) => play(host, { hints }));
    const active = await agree(all, 40_000);
    assert.ok(active.productNumber <= 2);
    await kill(active);
    const other = all.find((one) => one.productNumber <= 2 && one !== active);
    assert.ok(other);
    await eventually('the other one takes over', () => isActive(other), FAILOVER_MS);
  });
});
