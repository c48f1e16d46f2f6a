import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ApiTransportRequest, Command, CommandCounts, CommandReach, CommandTarget } from '@holdfast/api';
import { commandDefinitions } from '@holdfast/protocol';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { createProgram } from '../program.ts';

const ID = '019aa000-0000-7000-8000-000000000001';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-issue-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

const types = commandDefinitions.map(({ parameters, result, ...rest }) => ({
  ...rest,
  parametersSchema: parameters,
  resultSchema: result,
}));

function typeOf(reach: CommandReach): string {
  return commandDefinitions.find((one) => one.reach === reach)?.type ?? assert.fail(reach);
}

function commandWith(counts: Partial<CommandCounts>): Command {
  const none = { queued: 0, delivered: 0, accepted: 0, running: 0, cancelling: 0, succeeded: 0, failed: 0 };
  return {
    id: ID,
    type: typeOf('destructive'),
    title: 'An order',
    parameters: {},
    target: 'some devices',
    issuedAt: '2026-11-30T08:00:00.000Z',
    issuedBy: 'admin',
    expiresAt: '2026-11-30T09:00:00.000Z',
    isUrgent: false,
    repeatsId: null,
    counts: { total: 1, ...none, expired: 0, cancelled: 0, ...counts },
  };
}

function targetWith(part: Partial<CommandTarget>): CommandTarget {
  return {
    id: ID,
    commandId: ID,
    deviceId: ID,
    deviceName: 'laptop-17',
    productNumber: 1,
    state: 'running',
    code: null,
    detail: '',
    waitsFor: null,
    canCancel: true,
    progress: null,
    steps: [],
    result: null,
    ...part,
  };
}

interface World {
  readonly devices?: number;
  /** What the command is at each look; the last one stays. */
  readonly looks?: readonly Command[];
  readonly target?: CommandTarget;
  readonly targets?: readonly CommandTarget[];
  /** What the person types; absent: nobody is there. */
  readonly typed?: string;
  /** Pressed at the first wait. */
  readonly isInterrupted?: boolean;
}

async function run(world: World, ...args: readonly string[]) {
  const sent: { readonly path: string; readonly body: unknown }[] = [];
  const looks = [...(world.looks ?? [commandWith({ succeeded: 1 })])];
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  const stdin = Object.assign(new PassThrough(), { isTTY: world.typed !== undefined });
  let interrupt: () => void = () => undefined;
  const answer = async ({ method, target, body }: ApiTransportRequest) => {
    const path = target.split('?')[0] ?? '';
    if (method === 'POST') sent.push({ path, body: JSON.parse(body ?? 'null') });
    const answers: Readonly<Record<string, () => unknown>> = {
      'GET /api/v1/command-types': () => ({ types }),
      'POST /api/v1/commands/plan': () => ({ devices: world.devices ?? 1, waits: [] }),
      'POST /api/v1/commands': () => looks[0],
      [`POST /api/v1/commands/${ID}/retry`]: () => looks[0],
      [`POST /api/v1/commands/${ID}/cancel`]: () => commandWith({ cancelling: 1 }),
      [`GET /api/v1/commands/${ID}`]: () => (looks.length > 1 ? looks.shift() : looks[0]),
      [`GET /api/v1/commands/${ID}/targets`]: () => ({
        targets: world.targets ?? [world.target ?? targetWith({})],
        nextCursor: null,
      }),
    };
    const found = answers[`${method} ${path}`];
    const status = path === '/api/v1/commands' || path.endsWith('/retry') ? 201 : 200;
    return { status, contentType: 'application/json', text: JSON.stringify(found?.()) };
  };
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
    },
    stdin,
    stdout,
    stderr,
    now: () => 0,
    wait: async () => {
      if (world.isInterrupted === true) interrupt();
      await new Promise((resolve) => setImmediate(resolve));
    },
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
    openTransport: () => Object.assign(answer, { close: () => undefined }),
  };
  if (world.typed !== undefined) stdin.write(`${world.typed}\n`);
  const outcome = { exitCode: ExitCode.done as ExitCode };
  const failure = await createProgram(context, '1.2.3', outcome)
    .parseAsync(['node', 'holdfast', 'commands', ...args])
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const said = String(stderr.read() ?? '');
  return {
    code: failure instanceof CliError ? failure.code : failure,
    exitCode: outcome.exitCode,
    message: failure instanceof Error ? failure.message : '',
    said,
    out: String(stdout.read() ?? ''),
    sent: sent.map(({ path }) => path),
    body: sent.find(({ path }) => path === '/api/v1/commands')?.body,
  };
}

const ORDER = '/api/v1/commands';

test('what nobody notices goes out at once', async () => {
  const { code, sent } = await run({ devices: 1_602 }, 'issue', typeOf('harmless'), '--all');
  assert.equal(code, undefined);
  assert.ok(sent.includes(ORDER));
});

for (const [reach, typed] of [
  ['disruptive', 'yes'],
  ['destructive', '1602'],
] as const) {
  test(`what is ${reach} names how many and asks: ${typed} lets it out, anything else does not`, async () => {
    const order = ['issue', typeOf(reach), '--all'];
    const agreed = await run({ devices: 1_602, typed }, ...order);
    assert.equal(agreed.code, undefined, agreed.message);
    assert.match(agreed.said, / on 1,602 devices\. /u);
    assert.ok(agreed.sent.includes(ORDER));
    for (const wrong of ['no', '1,602', reach === 'destructive' ? 'yes' : '1602']) {
      const refused = await run({ devices: 1_602, typed: wrong }, ...order);
      assert.equal(refused.code, 'CONFIRMATION_MISSING', wrong);
      assert.ok(!refused.sent.includes(ORDER), wrong);
    }
    const alone = await run({ devices: 1_602 }, ...order);
    assert.equal(alone.code, 'CONFIRMATION_MISSING', 'nobody is there to ask');
    assert.ok(!alone.sent.includes(ORDER));
    const script = await run({ devices: 1_602 }, ...order, '--yes');
    assert.ok(script.sent.includes(ORDER));
  });
}

test('what is destructive asks for a single device too, and before it is tried again', async () => {
  const order = ['issue', typeOf('destructive'), '--all'];
  assert.equal((await run({ typed: 'no' }, ...order)).code, 'CONFIRMATION_MISSING');
  assert.ok((await run({ typed: 'yes' }, ...order)).sent.includes(ORDER));
  const looks = [commandWith({ total: 3, failed: 3 })];
  const again = await run({ looks, typed: 'yes' }, 'retry', ID);
  assert.equal(again.code, 'CONFIRMATION_MISSING', 'three devices: their number has to be typed');
  assert.ok((await run({ looks, typed: '3' }, 'retry', ID)).sent.includes(`${ORDER}/${ID}/retry`));
});

test('what does not fit is refused before anything is sent', async () => {
  const { code, message, sent } = await run({}, 'issue', 'set-log-level', '--all', '--set', 'level=loud');
  assert.equal(code, 'ARGUMENT_INVALID');
  assert.match(message, /level is one of error, warn, info, debug\./u);
  assert.deepEqual(sent, []);
});

test('types says what a command takes, with help, types and defaults', async () => {
  const all = await run({}, 'types');
  assert.match(all.out, /shut-down-computer +destructive/u);
  const one = await run({}, 'types', 'shut-down-computer');
  assert.match(
    one.out,
    /delaySeconds +a whole number from 0 to 86,400 \(s\) +60 +Delay: Time for the person/u,
  );
  assert.match(
    (await run({}, 'types', 'show-message')).out,
    /title +text of 1 to 100 characters +needed +Title/u,
  );
  assert.match((await run({}, 'types', 'collect-inventory')).out, /It takes no parameters\./u);
  assert.match(
    (await run({}, 'types', 'show-message')).out,
    /holdfast commands issue show-message DEVICE --set title=… --set text=…\n$/u,
  );
  assert.match(one.out, /issue shut-down-computer DEVICE --set delaySeconds=…\n$/u);
  assert.equal(JSON.parse((await run({}, 'types', 'set-log-level', '--json')).out).reach, 'harmless');
  assert.equal((await run({}, 'types', 'nonsense')).code, 'ARGUMENT_INVALID');
});

test('with --wait the bar of a single device is what it tells of itself', async () => {
  const target = targetWith({ progress: { percent: 40, text: 'Reading\u001b[2J', at: '' } });
  const looks = [commandWith({ running: 1 }), commandWith({ running: 1 }), commandWith({ succeeded: 1 })];
  const { said, exitCode } = await run({ looks, target }, 'issue', 'collect-inventory', '--all', '--wait');
  assert.match(said, /\[█{10}·{14}\] laptop-17: 40 % Reading\uFFFD\[2J/u);
  assert.equal(exitCode, ExitCode.done);
});

test('with --wait a success at a single device says what came of it', async () => {
  const detail = 'Nobody is signed in, and nothing was shown.';
  const target = targetWith({ state: 'succeeded', detail });
  const order = ['issue', 'collect-inventory', '--all', '--wait'];
  assert.match((await run({ target }, ...order)).out, new RegExp(`\nlaptop-17: ${detail}\n$`, 'u'));
  const many = await run({ target, looks: [commandWith({ total: 2, succeeded: 2 })] }, ...order);
  assert.doesNotMatch(many.out, /laptop-17/u);
  const json = await run({ target }, ...order, '--json');
  assert.equal(JSON.parse(json.out).id, ID);
});

test('help says nothing of values that options do not have', async () => {
  const program = createProgram(
    { stdout: new PassThrough(), stderr: new PassThrough() } as unknown as CliContext,
    '1.2.3',
    { exitCode: ExitCode.done },
  );
  const issue = program.commands
    .find((one) => one.name() === 'commands')
    ?.commands.find((one) => one.name() === 'issue');
  assert.match(issue?.helpInformation() ?? '', /--set <name=value> /u);
  assert.doesNotMatch(issue?.helpInformation() ?? '', /default: \[\]/u);
});

test('whoever stops waiting is told how to follow and to cancel, and may cancel at once', async () => {
  const looks = [commandWith({ running: 1 })];
  const order = ['issue', 'collect-inventory', '--all', '--wait'];
  const script = await run({ looks, isInterrupted: true }, ...order);
  assert.match(script.said, new RegExp(`commands show ${ID}.*commands cancel ${ID}`, 'su'));
  assert.equal(script.exitCode, ExitCode.refused);
  const staying = await run({ looks, isInterrupted: true, typed: 'no' }, ...order);
  assert.ok(!staying.sent.includes(`${ORDER}/${ID}/cancel`));
  const stopping = await run({ looks, isInterrupted: true, typed: 'yes' }, ...order);
  assert.ok(stopping.sent.includes(`${ORDER}/${ID}/cancel`));
  assert.match(stopping.said, /1 of 1 asked to end it\./u);
});

test('show tells how far each device is', async () => {
  const target = targetWith({ state: 'cancelling', progress: { percent: null, text: 'Reading', at: '' } });
  const { out } = await run({ looks: [commandWith({ cancelling: 1 })], target }, 'show', ID);
  assert.match(out, /laptop-17 +cancelling +Reading/u);
});

test('show tells with what a command was given', async () => {
  const looks = [
    { ...commandWith({ succeeded: 1 }), parameters: { delaySeconds: 60, message: 'Power\u001b[2J' } },
  ];
  const { out } = await run({ looks }, 'show', ID);
  assert.match(out, /\ndelaySeconds +60 \(1 min\)\nmessage +Power\uFFFD\[2J\n/u);
});

test('show tells what the only device reported, in the words of the command', async () => {
  const show = async (type: string, result: Record<string, unknown>) => {
    const target = targetWith({ state: 'succeeded', result });
    return await run({ looks: [{ ...commandWith({ succeeded: 1 }), type }], target }, 'show', ID);
  };
  const goesDownAt = Date.parse('2026-11-30T08:01:00Z');
  assert.match(
    (await show('restart-computer', { goesDownAt })).out,
    /\nGoes down {2}2026-11-30T08:01:00\.000Z\n$/u,
  );
  assert.match(
    (await show('show-message', { users: [] })).out,
    /\nShown to {2}nobody: nobody was signed in\n$/u,
  );
  const checks = [
    { name: 'clock', state: 'ok', text: 'Right.' },
    { name: 'disk-space', state: 'failed', text: 'Full.' },
  ];
  assert.match(
    (await show('run-health-check', { overall: 'failed', checks })).out,
    /\nOverall {2}Failed\n\nCHECK +STATE +FOUND\nDisk space +Failed +Full\.\nClock +Well +Right\.\n$/u,
  );
});

test('show tells what nobody knows as it is, and lets no device forge lines or fill the screen', async () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`value ${index}`, index]));
  const result = { 'a\nSTATE  succeeded': 'b\u001b[2J', long: 'x'.repeat(5_000), ...many };
  const target = targetWith({ state: 'succeeded', result });
  const looks = [{ ...commandWith({ succeeded: 1 }), type: 'x-blink' }];
  const { out } = await run({ looks, target }, 'show', ID);
  assert.match(out, /\na\uFFFDSTATE {2}succeeded +"b/u);
  assert.match(out, /\nlong +"x{199}…\n/u);
  assert.match(out, /\nAnd 12 more values: --json shows them\.\n$/u);
  assert.doesNotMatch(out, /\u001b/u);
});

test('show tells what one of many devices reported when it is named, and of many only how far they are', async () => {
  const target = targetWith({ state: 'succeeded', result: { version: '1.2.3' } });
  const looks = [{ ...commandWith({ succeeded: 1 }), type: 'restart-agent' }];
  assert.match((await run({ looks, target }, 'show', ID, '--device', ID)).out, /\nVersion {2}1\.2\.3\n$/u);
  assert.doesNotMatch((await run({ looks, targets: [target, target] }, 'show', ID)).out, /Version/u);
});
