// A product of somebody else, managed by Holdfast: it registers, beats, takes a command of its own (x-blink) and uploads logs.
//   node docs/examples/thermometer.ts <folder for its state> < enrolment-token.txt
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@holdfast/kernel';
import * as mcp from '@holdfast/protocol';
import { createAssertionSigner, createProductKey, exportProductKey, importProductKey } from '@holdfast/trust';

const folder = process.argv[2] ?? 'thermometer-state';
await mkdir(folder, { recursive: true, mode: 0o700 });
const stored = (name: string) => readFile(join(folder, name), 'utf8').catch(() => undefined);
async function store(name: string, content: string): Promise<void> {
  await writeFile(join(folder, `${name}.next`), content, { mode: 0o600, flush: true });
  await rename(join(folder, `${name}.next`), join(folder, name));
}

// Who it is, and which server it trusts: kept between starts, the key for ever.
const keyText = (await stored('key')) ?? exportProductKey(createProductKey());
await store('key', keyText);
const token = mcp.parseEnrolmentToken((await stored('token')) ?? (await text(process.stdin)).trim());
const authority = JSON.parse(
  (await stored('authority')) ?? JSON.stringify(await mcp.fetchAuthority(token)),
) as Awaited<ReturnType<typeof mcp.fetchAuthority>>;
await store('authority', JSON.stringify(authority));

const client = mcp.createMcpClient({
  addresses: token.addresses,
  authority,
  signer: createAssertionSigner(importProductKey(keyText)),
  clock: systemClock,
  store: {
    load: async () => JSON.parse((await stored('registration')) ?? 'null') ?? undefined,
    save: (state: mcp.McpState) => store('registration', JSON.stringify(state)),
  },
});
const facts = {
  product: { kind: 'thermometer', name: 'Example thermometer', version: '1.0.0' },
  device: { name: `${hostname()}-thermometer`, platform: 'linux', architecture: process.arch },
  capabilities: { capabilityVersion: 1, udp: true, commands: ['x-blink'] },
};

// A real product keeps its journal on disk; this one logs little and blinks harmlessly.
const journal = randomUUID();
const waiting: mcp.LogEntry[] = [];
let sequence = 0;
function log(type: string, message: string): void {
  waiting.push({ sequence: ++sequence, at: Date.now(), type, severity: 'info', text: message });
}

async function obey(command: mcp.Command): Promise<void> {
  log('blinked', `Blinked ${Number(command.parameters['times'] ?? 1)} times.`);
  await client.sendReports([{ commandId: command.id, state: 'succeeded', at: Date.now() }]);
}

let intervalMs = 10_000;

async function connect(): Promise<void> {
  while ((await stored('registration')) === undefined) {
    const answer = await client.register(token, facts);
    if (answer.state === 'awaiting-approval') await wait(answer.retryAfterMs);
  }
  ({ intervalMs } = await client.handshake(facts));
  await client.negotiateTransport();
  log('connected', 'The thermometer is connected.');
}
let isConnected = false;
let answeredAt = Number.NEGATIVE_INFINITY;
const content = { goingAway: false, serviceState: 'running', policyRevision: 0, items: [] } as const;
for (;;) {
  const startedAt = Date.now();
  try {
    if (!isConnected) await connect();
    isConnected = true;
    const state = { ...content, waitingLogEntries: waiting.length, componentSetDigest: new Uint8Array(8) };
    const { acknowledgement } = await client.sendHeartbeat(state, { needsAnswer: true });
    isConnected = acknowledgement?.handshakeAgain !== true;
    intervalMs = acknowledgement?.nextIntervalMs ?? intervalMs;
    answeredAt = startedAt;
    if (acknowledgement?.commandsWait === true)
      for (const one of (await client.claimCommands()).commands) await obey(one);
    if (waiting.length > 0) {
      const acknowledged = await client.sendLogs(journal, waiting.slice(0, 500));
      waiting.splice(0, waiting.findLastIndex((entry) => entry.sequence <= acknowledged) + 1);
    }
  } catch (error) {
    if (mcp.isHandshakeNeeded(error)) isConnected = false;
    console.error(error instanceof Error ? error.message : error);
  }
  // What failed is tried again with the next heartbeat, at its regular time.
  const plannedMs =
    answeredAt === startedAt
      ? mcp.planNextHeartbeatMs(intervalMs, Math.random())
      : mcp.planAfterUnansweredMs(intervalMs, Math.random(), startedAt - answeredAt);
  await wait(Math.max(1_000, plannedMs - (Date.now() - startedAt)));
}
