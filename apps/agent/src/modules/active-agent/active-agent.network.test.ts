/** Agents on a LAN of network namespaces fetch from a server beside it. */
import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { after, before, describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { type BridgedLan, createBridgedLan, findLanObstacle } from '../../testing/bridged-lan.ts';
import { eventually } from '../../testing/eventually.ts';

const program = fileURLToPath(new URL('./active-agent.test-process.ts', import.meta.url));
const AGENTS = [1, 2, 3, 4];

/** A static web folder as a program of its own: it prints each path that it is asked for. */
const webFolder = `
import { createServer } from 'node:http';
import { createReadStream } from 'node:fs';
createServer((request, response) => {
  console.log(request.url);
  createReadStream(process.argv[1] + request.url).on('error', () => response.writeHead(404).end()).pipe(response);
}).listen(8000, () => console.log('ready'));`;

interface Line {
  readonly isActive: boolean;
  readonly revision: number;
  readonly sentBytes: number;
}

interface Played {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  last: Line | undefined;
  wasStopped: boolean;
}

describe('updates on a LAN', { skip: findLanObstacle(), concurrency: false }, () => {
  let lan: BridgedLan;

  before(async () => {
    lan = await createBridgedLan(5);
  });
  after(async () => await lan?.remove());

  function start(t: TestContext, host: number, args: readonly string[]) {
    const child = spawn('ip', ['netns', 'exec', lan.hosts[host] ?? '', process.execPath, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    t.after(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    return child;
  }

  async function startServer(t: TestContext, folder: string): Promise<string[]> {
    const child = start(t, 0, ['--input-type=module', '--eval', webFolder, folder]);
    const asked: string[] = [];
    createInterface(child.stdout).on('line', (line) => asked.push(line));
    await eventually('the server listens', () => asked.includes('ready'));
    return asked;
  }

  function startAgent(t: TestContext, host: number): Played {
    const home = createTemporaryFolder(t);
    const child = start(t, host, [program, String(host), home, `http://${lan.addresses[0]}:8000`]);
    const played: Played = { child, last: undefined, wasStopped: false };
    createInterface(child.stdout).on('line', (line) => {
      played.last = JSON.parse(line) as Line;
    });
    return played;
  }

  async function publish(folder: string, revision: number): Promise<string> {
    const bytes = randomBytes(2_000_000);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const path = `targets/components/x/${revision}/${sha256}.full`;
    await mkdir(join(folder, `targets/components/x/${revision}`), { recursive: true });
    await mkdir(join(folder, 'metadata'), { recursive: true });
    await writeFile(join(folder, path), bytes);
    const list = { revision, path, file: { length: bytes.length, sha256 } };
    await writeFile(join(folder, 'metadata/list.json'), JSON.stringify(list));
    return path;
  }

  const countOf = (asked: readonly string[], path: string): number =>
    asked.filter((one) => one === `/${path}`).length;

  test('what is new comes from the server once; the Active Agent gives it to the others, and so does the next one', async (t) => {
    const folder = createTemporaryFolder(t);
    const first = await publish(folder, 1);
    const asked = await startServer(t, folder);
    const agents = AGENTS.map((host) => startAgent(t, host));
    const findActive = (): Played | undefined =>
      agents.find(({ last, wasStopped }) => !wasStopped && last?.isActive === true);
    await eventually('one is elected', () => findActive() !== undefined);
    const tellAll = (revision: number): void => {
      for (const { child, wasStopped } of agents) if (!wasStopped) child.stdin.write(`${revision}\n`);
    };
    const haveAll = (revision: number): boolean =>
      agents.every(({ last, wasStopped }) => wasStopped || last?.revision === revision);
    tellAll(1);
    await eventually('all have it', () => haveAll(1));
    assert.equal(countOf(asked, first), 1, `${asked.join(' ')}`);
    const active = findActive();
    assert.ok((active?.last?.sentBytes ?? 0) >= 3 * 2_000_000, `${active?.last?.sentBytes}`);

    assert.ok(active);
    active.child.kill('SIGKILL');
    active.wasStopped = true;
    await eventually('another one is elected', () => findActive() !== undefined, 3_000);
    const second = await publish(folder, 2);
    tellAll(2);
    await eventually('all have the next one', () => haveAll(2));
    assert.equal(countOf(asked, second), 1, `${asked.join(' ')}`);
  });
});
