import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import {
  type ApiClient,
  createApiKey,
  eventsPath,
  getSettings,
  type LiveEvent,
  updateCommunicationSettings,
} from '@holdfast/api';
import { setUpAdministrator } from '../../e2e/support/administrator.ts';
import type { SiteServer } from './site.ts';

/** The first administrator of a site, signed in. */
export interface BenchAdministrator {
  readonly client: ApiClient;
  close(): void;
}

export async function setUpSite(
  server: SiteServer,
  heartbeatIntervalMs: number,
): Promise<BenchAdministrator> {
  const { client, close } = await setUpAdministrator(server.origin, server.ready.setupLink ?? '');
  const { communication, revision } = await readCommunication(client);
  await client.call(updateCommunicationSettings, {
    body: {
      revision,
      communication: { ...communication, heartbeatIntervalMs, offlineTimeoutMs: 3 * heartbeatIntervalMs },
    },
  });
  return { client, close };
}

async function readCommunication(client: ApiClient) {
  return await client.call(getSettings, {});
}

/** Reads the stream of events as an open console does. */
export async function openEvents(
  server: SiteServer,
  administrator: BenchAdministrator,
  onEvent: (event: LiveEvent) => void,
): Promise<{ close(): void }> {
  const { key } = await administrator.client.call(createApiKey, {
    body: { name: 'Benchmark', permissions: ['directory:read', 'commands:read'] },
  });
  const outgoing = request(new URL(eventsPath, server.origin), {
    // Made a moment ago by the server itself; what is measured does not depend on who it is.
    rejectUnauthorized: false,
    headers: { authorization: `Bearer ${key}` },
  }).end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  if (answer.statusCode !== 200)
    throw new Error(`The stream of events was answered with ${answer.statusCode}.`);
  let pending = '';
  answer.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${pending}${text}`.split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data: ')) onEvent(JSON.parse(line.slice('data: '.length)) as LiveEvent);
    }
  });
  // Closing it ends the answer early, which is no fault.
  answer.on('error', () => {});
  outgoing.on('error', () => {});
  return { close: () => outgoing.destroy() };
}
