import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import {
  capabilityVersion,
  createMcpClient,
  fetchAuthority,
  parseEnrolmentToken,
  type ProductFacts,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey } from '@holdfast/trust';
import { startFakeMcpServer } from './fake-mcp-server.ts';

const facts: ProductFacts = {
  product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: '0.1.0' },
  device: { hardwareId: 'abc-123', name: 'desk-7', platform: 'linux', architecture: 'x64' },
  capabilities: { capabilityVersion, udp: true, commands: [] },
};

const ESTABLISHED = '01';
const KEEP_ALIVE_TIMER = '02';
/** https://www.kernel.org/doc/Documentation/networking/proc_net_tcp.txt counts in clock ticks, a hundred a second. */
const TICK_MS = 10;

/** In how long the system asks whether the other side of each connection to this port is there; nothing where it never does. */
function listProbeWaits(port: number): number[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/u))
      .filter(([, , remote, state]) => remote?.endsWith(suffix) === true && state === ESTABLISHED)
      .flatMap(([, , , , , timer = '']) => {
        const [kind, when = '0'] = timer.split(':');
        return kind === KEEP_ALIVE_TIMER ? [Number.parseInt(when, 16) * TICK_MS] : [];
      }),
  );
}

test('a connection that is kept between two heartbeats sends nothing by itself', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const token = parseEnrolmentToken(server.token);
  const { addresses, fingerprint } = token;
  const client = createMcpClient({
    addresses,
    authority: await fetchAuthority({ addresses, fingerprint }),
    signer: createAssertionSigner(createProductKey()),
    store: { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
    clock: systemClock,
  });
  t.after(() => client.close());
  await client.register(token, facts);
  await client.handshake(facts);
  const waits = listProbeWaits(Number(new URL(addresses[0] ?? '').port));
  assert.ok(waits.length > 0, 'the connection is kept');
  // Servers end a connection that nobody uses after 75 seconds.
  for (const waitMs of waits) assert.ok(waitMs > 75_000, `${waitMs} ms`);
});
