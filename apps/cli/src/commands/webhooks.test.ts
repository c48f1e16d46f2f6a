import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ApiTransportRequest, Webhook, WebhookDelivery } from '@holdfast/api';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-webhooks-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

const webhook: Webhook = {
  id: '019aa000-0000-7000-8000-000000000001',
  name: 'Service desk',
  url: 'https://desk.example.org/in',
  events: ['device.*'],
  groupId: null,
  groupPath: null,
  allowsPrivate: false,
  revision: 1,
  state: 'active',
  disabledReason: null,
  waiting: { value: 100_000, isExact: false },
  deliveredAt: null,
  failingSince: '2026-11-22T08:00:00.000Z',
  attempts: 3,
  lastError: 'The receiver answered 500.',
  nextAttemptAt: null,
  missedAt: null,
  previousSecretUntil: null,
  createdAt: '2026-11-22T07:00:00.000Z',
  createdBy: 'alice',
};
const delivery: WebhookDelivery = {
  id: '019aa000-0000-7000-8000-000000000002',
  messageId: 'msg_x',
  kind: 'test',
  eventCount: 1,
  eventTypes: ['webhook.tested'],
  startedAt: '2026-11-22T08:00:00.000Z',
  durationMs: 12,
  isDelivered: false,
  status: 500,
  error: 'The receiver answered 500.',
};

interface Run {
  readonly requests: readonly { readonly line: string; readonly body: unknown }[];
  readonly output: string;
  readonly exitCode: ExitCode;
}

async function run(...words: string[]): Promise<Run> {
  const requests: { line: string; body: unknown }[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    'GET /api/v1/webhooks': { webhooks: [webhook] },
    'POST /api/v1/webhooks': { webhook, secret: 'whsec_secret' },
    [`GET /api/v1/webhooks/${webhook.id}/deliveries`]: {
      deliveries: [
        delivery,
        { ...delivery, kind: 'repeat', eventTypes: ['device.moved', 'x.gone'], isDelivered: true },
      ],
    },
    'GET /api/v1/event-types': {
      types: [
        { type: 'device.moved', title: 'Device moved', subject: 'device', permission: 'directory:read' },
      ],
    },
    [`POST /api/v1/webhooks/${webhook.id}/test`]: delivery,
    [`POST /api/v1/webhooks/${webhook.id}/resume`]: { ...webhook, failingSince: null },
  };
  const answer = async ({ method, target, body }: ApiTransportRequest) => {
    const line = `${method} ${target}`;
    requests.push({ line, body: body === undefined ? undefined : (JSON.parse(body) as unknown) });
    const found = answers[line];
    return {
      status: found === undefined ? 204 : 200,
      contentType: 'application/json',
      text: found === undefined ? '' : JSON.stringify(found),
    };
  };
  const stdout = Object.assign(new PassThrough(), { isTTY: false });
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
      HOLDFAST_API_KEY: 'hfk_none',
    },
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    now: () => 0,
    openTransport: () => Object.assign(answer, { close: () => undefined }),
  };
  const outcome: { exitCode: ExitCode } = { exitCode: ExitCode.done };
  await createProgram(context, '0.0.0', outcome).parseAsync(words, { from: 'user' });
  return { requests, output: String(stdout.read() ?? ''), exitCode: outcome.exitCode };
}

test('a webhook is created with what it tells, and its secret is all that is printed', async () => {
  const { requests, output } = await run(
    ...[
      'webhooks',
      'create',
      'Service desk',
      webhook.url,
      '--event',
      'device.*',
      '--event',
      '*',
      '--private',
    ],
  );
  assert.deepEqual(requests.at(-1)?.body, {
    name: 'Service desk',
    url: webhook.url,
    events: ['device.*', '*'],
    groupId: null,
    allowsPrivate: true,
  });
  assert.equal(output, 'whsec_secret\n');
});

test('a webhook that tells nothing is refused before anything is sent', async () => {
  await assert.rejects(
    run('webhooks', 'create', 'x', webhook.url),
    (error) => error instanceof CliError && error.exitCode === ExitCode.usage,
  );
});

test('the list says what is wrong and how much waits', async () => {
  const { output } = await run('webhooks', 'list');
  assert.match(output, /Service desk +failing since 2026-11-22T08:00:00.000Z +more than 100000/);
  assert.deepEqual(JSON.parse((await run('webhooks', 'list', '--json')).output), [webhook]);
});

test('a webhook is found by its name in any case, and one that is not there is said so', async () => {
  const { output, requests } = await run('webhooks', 'show', 'SERVICE DESK');
  assert.ok(requests.some(({ line }) => line === `GET /api/v1/webhooks/${webhook.id}/deliveries`));
  assert.match(output, /error +The receiver answered 500\./);
  assert.match(output, /Z +test event +1 /);
  assert.match(output, /Z +Device moved, x\.gone \(sent again\) +1 /);
  await assert.rejects(run('webhooks', 'show', 'other'), { code: 'WEBHOOK_UNKNOWN' });
});

test('a test that is not delivered is a failure of the command', async () => {
  const { output, exitCode } = await run('webhooks', 'test', webhook.id);
  assert.equal(output, 'Not delivered. The receiver answered 500. (12 ms)\n');
  assert.equal(exitCode, ExitCode.refused);
});

test('what waits is left out only when that is said', async () => {
  const body = async (...words: string[]) =>
    (await run('webhooks', 'resume', 'service desk', ...words)).requests.at(-1)?.body;
  assert.deepEqual(await body(), { skipsWaiting: false });
  assert.deepEqual(await body('--skip-waiting'), { skipsWaiting: true });
});

test('removing asks, and nobody there to ask is no agreement', async () => {
  await assert.rejects(run('webhooks', 'remove', 'service desk'), { code: 'CONFIRMATION_MISSING' });
  const { requests } = await run('webhooks', 'remove', 'service desk', '--yes');
  assert.equal(requests.at(-1)?.line, `DELETE /api/v1/webhooks/${webhook.id}`);
});
