import {
  cancelCommand,
  type Command,
  getCommand,
  issueCommand,
  listCommands,
  listCommandTargets,
  listCommandTypes,
} from '@holdfast/api';
import { countsOf, isEnd, liveOn, makeTarget } from './command-life.ts';
import { deviceOf, filterDevices } from './device-handlers.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { isoAt, record, type World } from './world.ts';

export function handleCommands({ handle }: RouteTable): void {
  handle(listCommandTypes, () => ({
    types: [
      {
        type: 'collect-inventory',
        title: 'Collect inventory',
        description:
          'The agent reads the facts of its device again and sends them: system, hardware, disks and their encryption, addresses.',
        isDangerous: false,
        parametersSchema: {},
        defaultExpiryMs: 86_400_000,
      },
    ],
  }));
  handle(issueCommand, ({ world, body }) => {
    const devices =
      'deviceIds' in body.targets
        ? body.targets.deviceIds.map((deviceId) => deviceOf(world, deviceId))
        : filterDevices(world, body.targets.filter).map((device) => deviceOf(world, device.id));
    const first = devices[0];
    if (first === undefined) throw new Refusal(422, 'COMMAND_WITHOUT_TARGETS', 'No device matches.');
    const nowMs = world.now();
    const id = world.random.uuid(nowMs);
    const targets = devices.map((device) => makeTarget(world, id, device, 'queued', nowMs));
    const command: Command = {
      id,
      type: body.type,
      title: 'Collect inventory',
      parameters: body.parameters ?? {},
      target: devices.length === 1 ? first.summary.name : `${devices.length} devices`,
      issuedAt: isoAt(nowMs),
      issuedBy: 'admin',
      expiresAt: isoAt(nowMs + (body.expiresInMs ?? 86_400_000)),
      counts: countsOf(targets),
    };
    world.targets.push(...targets);
    world.commands.unshift(command);
    record(world, {
      action: 'command.issued',
      objectKind: 'command',
      objectId: id,
      objectName: command.title,
    });
    world.publish({ type: 'command', command });
    liveOn(world, command);
    return command;
  });
  handle(listCommands, ({ world, query }) => {
    const matching = world.commands.filter((command) => {
      const { counts } = command;
      const ended = counts.succeeded + counts.failed + counts.expired + counts.cancelled;
      if (query.type !== undefined && command.type !== query.type) return false;
      if (query.progress === 'in-progress' && ended === counts.total) return false;
      if (query.progress === 'finished' && ended < counts.total) return false;
      if (query.progress === 'with-failures' && counts.failed + counts.expired === 0) return false;
      return (
        query.deviceId === undefined ||
        world.targets.some((target) => target.commandId === command.id && target.deviceId === query.deviceId)
      );
    });
    return page(matching, query, 'commands');
  });
  handle(getCommand, ({ world, params }) => commandOf(world, params.commandId));
  handle(listCommandTargets, ({ world, params, query }) => {
    commandOf(world, params.commandId);
    const matching = world.targets.filter(
      (target) =>
        target.commandId === params.commandId && (query.state === undefined || target.state === query.state),
    );
    return page(matching, query, 'targets');
  });
  handle(cancelCommand, ({ world, params }) => {
    const command = commandOf(world, params.commandId);
    for (const target of world.targets) {
      if (target.commandId !== command.id || isEnd(target.state) || target.state === 'running') continue;
      target.state = 'cancelled';
      target.detail = 'Cancelled by admin.';
      target.steps.push({ state: 'cancelled', at: isoAt(world.now()), detail: target.detail });
      world.publish({ type: 'command-target', target: { ...target } });
    }
    const next = {
      ...command,
      counts: countsOf(world.targets.filter((target) => target.commandId === command.id)),
    };
    world.commands[world.commands.indexOf(command)] = next;
    world.publish({ type: 'command', command: next });
    return next;
  });
}

function commandOf(world: World, commandId: string): Command {
  const command = world.commands.find((candidate) => candidate.id === commandId);
  if (command === undefined) throw notFound();
  return command;
}

export function page<Row, Name extends string>(
  rows: readonly Row[],
  query: { cursor?: string; limit?: number },
  name: Name,
): Record<Name, Row[]> & { nextCursor: string | null } {
  const start = query.cursor === undefined ? 0 : Number(query.cursor);
  const end = start + (query.limit ?? 100);
  const part = { [name]: rows.slice(start, end) } as Record<Name, Row[]>;
  return { ...part, nextCursor: end < rows.length ? String(end) : null };
}
