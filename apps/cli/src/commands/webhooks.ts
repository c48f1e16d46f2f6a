import {
  type ApiClient,
  createWebhook,
  listEventTypes,
  listWebhookDeliveries,
  listWebhooks,
  pauseWebhook,
  removeWebhook,
  resumeWebhook,
  rotateWebhookSecret,
  testWebhook,
  type Webhook,
  type WebhookDelivery,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import type { Command } from 'commander';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { formatTable } from '../output/table.ts';
import { collect, readTexts } from './arguments.ts';
import { confirm } from './confirm.ts';
import { findGroup, formatGroupPath } from './lookup.ts';

const WHICH = 'its name, or its id from `webhooks list`';

export function addWebhookCommands(program: Command, addAction: AddAction): void {
  const webhooks = program.command('webhooks').description('tell other systems what happens');
  addAction(webhooks.command('list').description('list webhooks'), async ({ client, printer }) => {
    const { webhooks: rows } = await (await client()).call(listWebhooks, {});
    printer.result(rows, () => formatWebhooks(rows));
  });
  addAction(
    webhooks.command('events').description('list what webhooks can tell'),
    async ({ client, printer }) => {
      const { types } = await (await client()).call(listEventTypes, {});
      const columns = [
        { title: 'event', value: (row: (typeof types)[number]) => row.type },
        { title: 'what happened', value: (row: (typeof types)[number]) => row.title },
      ];
      printer.result(types, () => formatTable(columns, types));
    },
  );
  addAction(
    webhooks
      .command('create')
      .description('create a webhook; its secret is shown once')
      .argument('<name>', 'who is told, e.g. "Service desk"')
      .argument('<url>', 'where to, https://…')
      .option('--event <event>', 'device.moved, device.* or *; may be repeated', collect)
      .option('--group <group>', 'only what concerns this group')
      .option('--private', 'the receiver may stand in a private network')
      .addHelpText(
        'after',
        '\nExample:\n  holdfast webhooks create "Service desk" https://desk.example.org/in --event presence.changed --event \'device.*\'\n',
      ),
    create,
  );
  addAction(
    webhooks
      .command('show')
      .description('how a webhook gets on, and its last messages')
      .argument('<webhook>', WHICH),
    async ({ client, printer }, _options, [text = '']) => {
      const api = await client();
      const webhook = await findWebhook(api, text);
      const { deliveries } = await api.call(listWebhookDeliveries, { params: { webhookId: webhook.id } });
      const { types } = await api.call(listEventTypes, {});
      const titles = new Map(types.map(({ type, title }) => [type, title]));
      printer.result(
        { webhook, deliveries },
        () => `${describe(webhook)}\n${formatDeliveries(deliveries, titles)}`,
      );
    },
  );
  addAction(
    webhooks
      .command('test')
      .description('send a test event now; the exit code says what came of it')
      .argument('<webhook>', WHICH),
    async ({ client, printer }, _options, [text = '']) => {
      const api = await client();
      const webhook = await findWebhook(api, text);
      const delivery = await api.call(testWebhook, { params: { webhookId: webhook.id } });
      printer.result(delivery, () => `${outcomeOf(delivery)} (${delivery.durationMs} ms)\n`);
      return delivery.isDelivered ? ExitCode.done : ExitCode.refused;
    },
  );
  addAction(
    webhooks.command('pause').description('pause a webhook; events wait for it').argument('<webhook>', WHICH),
    async (tools, _options, [text = '']) => {
      const api = await tools.client();
      const { id } = await findWebhook(api, text);
      printWebhook(tools, await api.call(pauseWebhook, { params: { webhookId: id } }));
    },
  );
  addAction(
    webhooks
      .command('resume')
      .description('go on with a webhook that is paused, disabled or failing')
      .argument('<webhook>', WHICH)
      .option('--skip-waiting', 'leave out what waits, and go on with what happens from now on'),
    async (tools, options, [text = '']) => {
      const api = await tools.client();
      const { id } = await findWebhook(api, text);
      const body = { skipsWaiting: options['skipWaiting'] === true };
      printWebhook(tools, await api.call(resumeWebhook, { params: { webhookId: id }, body }));
    },
  );
  addAction(
    webhooks
      .command('rotate-secret')
      .description('give a webhook another secret; the old one signs too for a day')
      .argument('<webhook>', WHICH),
    async (tools, _options, [text = '']) => {
      const api = await tools.client();
      const { id } = await findWebhook(api, text);
      const rotated = await api.call(rotateWebhookSecret, { params: { webhookId: id } });
      tools.printer.note('This secret is shown once.');
      tools.printer.result(rotated, () => `${rotated.secret}\n`);
    },
  );
  addAction(
    webhooks
      .command('remove')
      .description('remove a webhook')
      .argument('<webhook>', WHICH)
      .option('--yes', 'do not ask'),
    async (tools, options, [text = '']) => {
      const api = await tools.client();
      const webhook = await findWebhook(api, text);
      await confirm(tools, options, [
        `The webhook "${webhook.name}" is removed.`,
        `${formatWaiting(webhook)} of its events wait and are not delivered.`,
      ]);
      await api.call(removeWebhook, { params: { webhookId: webhook.id } });
      tools.printer.result({ id: webhook.id, state: 'removed' }, () => 'Removed.\n');
    },
  );
}

async function create(
  tools: CommandTools,
  options: Record<string, unknown>,
  [name = '', url = '']: readonly string[],
): Promise<void> {
  const events = readTexts(options, 'event');
  if (events.length === 0) {
    throw new CliError('ARGUMENT_INVALID', 'Say with --event what the webhook tells.', {
      remedy: "List what there is with `holdfast webhooks events`; --event '*' means everything.",
    });
  }
  const client = await tools.client();
  const group = options['group'];
  const created = await client.call(createWebhook, {
    body: {
      name,
      url,
      events,
      groupId: typeof group === 'string' ? (await findGroup(client, group)).id : null,
      allowsPrivate: options['private'] === true,
    },
  });
  tools.printer.note('This secret is shown once. The receiver verifies messages with it.');
  tools.printer.result(created, () => `${created.secret}\n`);
}

/** By id, or by name without regard to case: names are unique that way. @throws CliError WEBHOOK_UNKNOWN */
async function findWebhook(client: ApiClient, text: string): Promise<Webhook> {
  const { webhooks } = await client.call(listWebhooks, {});
  const found = webhooks.find(({ id, name }) => id === text || foldName(name) === foldName(text));
  if (found !== undefined) return found;
  throw new CliError('WEBHOOK_UNKNOWN', `There is no webhook "${text}".`, {
    remedy: 'List them with `holdfast webhooks list`.',
  });
}

function printWebhook({ printer }: CommandTools, webhook: Webhook): void {
  printer.result(webhook, () => describe(webhook));
}

function describe(webhook: Webhook): string {
  const lines = [
    `${webhook.name}: ${stateOf(webhook)}`,
    `to       ${webhook.url}`,
    `events   ${webhook.events.join(', ')}`,
    ...(webhook.groupId === null ? [] : [`group    ${formatGroup(webhook)}`]),
    `waiting  ${formatWaiting(webhook)}`,
    ...(webhook.lastError === null ? [] : [`error    ${webhook.lastError}`]),
    ...(webhook.missedAt === null ? [] : [`missed   some events before ${webhook.missedAt}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function stateOf({ state, disabledReason, failingSince }: Webhook): string {
  if (state === 'disabled') return `disabled. ${disabledReason ?? ''}`.trim();
  if (state === 'active' && failingSince !== null) return `failing since ${failingSince}`;
  return state;
}

function formatWaiting({ waiting }: Webhook): string {
  return waiting.isExact ? String(waiting.value) : `more than ${waiting.value}`;
}

function formatGroup({ groupId, groupPath }: Webhook): string {
  if (groupId === null) return 'everything';
  return groupPath === null ? 'a group that is gone' : formatGroupPath(groupPath);
}

function outcomeOf(delivery: WebhookDelivery): string {
  return delivery.isDelivered ? `Delivered (${delivery.status}).` : `Not delivered. ${delivery.error}`;
}

function formatWebhooks(rows: readonly Webhook[]): string {
  return formatTable(
    [
      { title: 'name', value: (row) => row.name },
      { title: 'state', value: (row) => (row.state === 'active' ? stateOf(row) : row.state) },
      { title: 'waiting', value: formatWaiting, alignment: 'right' },
      { title: 'events', value: (row) => row.events.join(' ') },
      { title: 'group', value: formatGroup },
      { title: 'url', value: (row) => row.url },
      { title: 'id', value: (row) => row.id },
    ],
    rows,
  );
}

const deliveryKinds: Readonly<Record<WebhookDelivery['kind'], string>> = {
  events: '',
  test: 'test event',
  repeat: 'sent again',
};

/** What was in a message, in the words of the catalogue of events: `Device moved`, `Device moved (sent again)`. */
function describeContent({ kind, eventTypes }: WebhookDelivery, titles: ReadonlyMap<string, string>): string {
  if (kind === 'test') return deliveryKinds.test;
  const events = eventTypes.map((type) => titles.get(type) ?? type).join(', ');
  return kind === 'events' ? events : `${events} (${deliveryKinds[kind]})`;
}

function formatDeliveries(rows: readonly WebhookDelivery[], titles: ReadonlyMap<string, string>): string {
  return formatTable(
    [
      { title: 'at', value: (row) => row.startedAt },
      { title: 'what', value: (row) => describeContent(row, titles) },
      { title: 'events', value: (row) => String(row.eventCount), alignment: 'right' },
      { title: 'ms', value: (row) => String(row.durationMs), alignment: 'right' },
      { title: 'outcome', value: outcomeOf },
    ],
    rows,
  );
}
