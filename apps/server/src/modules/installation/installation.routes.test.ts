import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { getAgentInstallation } from '@holdfast/api';
import { defaultRequestLimits } from '../../platform/http/request-limits.ts';
import { callApi } from '../../testing/test-api.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let folder: string;
let server: TestServer;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-installation-'));
  const program = Buffer.alloc(4_096);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]).copy(program);
  program.writeUInt16LE(62, 18);
  await mkdir(path.join(folder, 'bin'));
  await writeFile(path.join(folder, 'bin/node'), program);
  await writeFile(path.join(folder, 'agent.mjs'), 'the agent');
  server = await startTestServer({
    limits: defaultRequestLimits,
    moduleOptions: {
      archiveSources: {
        archivesFolder: path.join(folder, 'archives'),
        runtimesFolder: path.join(folder, 'runtimes'),
        agentProgram: path.join(folder, 'agent.mjs'),
        ownRuntime: { platform: 'linux-x64', file: path.join(folder, 'bin/node'), isPortable: true },
      },
    },
  });
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test('what is described is what anybody gets, byte by byte', async () => {
  const installation = await callApi(server, getAgentInstallation);
  assert.deepEqual(installation.addresses, ['https://test-server:8443', 'https://localhost:8443']);
  const archive = installation.platforms.find(({ platform }) => platform === 'linux-x64')?.archive;
  assert.ok(archive);
  for (const { path: url, sha256 } of [installation.script, archive]) {
    const answer = await server.call({ method: 'GET', url });
    assert.equal(answer.statusCode, 200, url);
    assert.equal(createHash('sha256').update(answer.rawPayload).digest('hex'), sha256, url);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.doesNotMatch(String(answer.headers['content-type']), /html|javascript|x-sh/u);
  }
  const script = (await server.call({ method: 'GET', url: installation.script.path })).body;
  assert.ok(script.includes(archive.sha256));
  assert.ok(!script.includes(folder), 'the script names no path of the server');
});

test('neither what lies beside the archives nor a name that leads elsewhere is served', async () => {
  const { platforms } = await callApi(server, getAgentInstallation);
  const fileName = platforms[0]?.archive?.fileName ?? '';
  for (const name of [`${fileName}.json`, '..%2Fagent.mjs', 'agent.mjs', 'node', '', `${fileName}%00`]) {
    const answer = await server.call({ method: 'GET', url: `/agent/${name}` });
    assert.equal(answer.statusCode, 404, name);
  }
  assert.equal((await server.call({ method: 'POST', url: `/agent/${fileName}` })).statusCode, 405);
});

test('an address that asks too often is told to come later, and others are served', async () => {
  const from = (remoteAddress: string) =>
    server.call({ method: 'GET', url: '/agent/install.sh', remoteAddress });
  const statuses = new Set<number>();
  for (let count = 0; count < 62; count += 1) statuses.add((await from('192.0.2.1')).statusCode);
  assert.deepEqual([...statuses], [200, 429]);
  assert.equal((await from('192.0.2.2')).statusCode, 200);
});
