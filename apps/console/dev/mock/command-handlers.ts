import {
  cancelCommand,
  type Command,
  type CommandType,
  type DeviceFilter,
  getCommand,
  issueCommand,
  listCommandIssuers,
  listCommands,
  listCommandTargets,
  listCommandTypes,
  type Permission,
  planCommand,
  retriableStates,
  retryCommand,
} from '@holdfast/api';
import { commandDefinitions } from '@holdfast/protocol';
import { countsOf, isEnd, liveOn, makeTarget } from './command-life.ts';
import { deviceOf, filterDevices } from './device-handlers.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { isoAt, type MockDevice, record, type World } from './world.ts';

const commandTypes = commandDefinitions.map(
  ({ parameters, result, permission, ...rest }): CommandType => ({
    ...rest,
    permission: permission as Permission,
    parametersSchema: JSON.parse(JSON.stringify(parameters)),
    resultSchema: JSON.parse(JSON.stringify(result)),
  }),
);

export function handleCommands({ handle }: RouteTable): void {
  handle(listCommandTypes, () => ({ types: [...commandTypes] }));
  handle(planCommand, ({ world, body }) => {
    const devices = targetsOf(world, body.targets);
    const idle = devices.filter(({ summary }) => summary.presence.status === 'idle');
    const hoursBeginAt = isoAt(world.now() + 5 * 3_600_000);
    const waits = idle.length === 0 ? [] : [{ hoursBeginAt, devices: idle.length }];
    return { deviceCount: devices.length, waits };
  });
  handle(issueCommand, ({ world, body }) => {
    const devices = targetsOf(world, body.targets);
    const first = devices[0];
    if (first === undefined) throw new Refusal(422, 'COMMAND_WITHOUT_TARGETS', 'No device matches.');
    const nowMs = world.now();
    const id = world.random.uuid(nowMs);
    const targets = devices.map((device) => makeTarget(world, id, device, 'queued', nowMs));
    const command: Command = {
      id,
      type: body.type,
      title: commandTypes.find((type) => type.type === body.type)?.title ?? body.type,
      parameters: body.parameters ?? {},
      target: devices.length === 1 ? first.summary.name : `${devices.length} devices`,
      issuedAt: isoAt(nowMs),
      issuedBy: 'admin',
      expiresAt: isoAt(nowMs + (body.expiresInMs ?? 86_400_000)),
      isUrgent: body.isUrgent ?? false,
      repeatsId: null,
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
      if (query.state !== undefined && counts[query.state] === 0) return false;
      if (query.issuedBy !== undefined && command.issuedBy !== query.issuedBy) return false;
      if (query.from !== undefined && command.issuedAt < query.from) return false;
      if (query.repeatsId !== undefined && command.repeatsId !== query.repeatsId) return false;
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
  handle(listCommandIssuers, ({ world }) => ({
    names: [...new Set(world.commands.map((command) => command.issuedBy))].toSorted(),
  }));
  handle(retryCommand, ({ world, params, body }) => {
    const first = commandOf(world, params.commandId);
    const states: readonly string[] = body.states ?? retriableStates;
    const chosen = world.targets.filter(
      (target) => target.commandId === first.id && states.includes(target.state),
    );
    const nowMs = world.now();
    const id = world.random.uuid(nowMs);
    const targets = chosen.flatMap((target) =>
      target.deviceId === null
        ? []
        : [makeTarget(world, id, deviceOf(world, target.deviceId), 'queued', nowMs)],
    );
    const command: Command = {
      ...first,
      id,
      target: targets.length === 1 ? (targets[0]?.deviceName ?? '') : `${targets.length} devices`,
      issuedAt: isoAt(nowMs),
      issuedBy: 'admin',
      expiresAt: isoAt(nowMs + 86_400_000),
      isUrgent: body.isUrgent ?? first.isUrgent,
      repeatsId: first.id,
      counts: countsOf(targets),
    };
    world.targets.push(...targets);
    world.commands.unshift(command);
    world.publish({ type: 'command', command });
    liveOn(world, command);
    return command;
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

function targetsOf(
  world: World,
  targets: { readonly deviceIds: readonly string[] } | { readonly filter: DeviceFilter },
): MockDevice[] {
  return 'deviceIds' in targets
    ? targets.deviceIds.map((deviceId) => deviceOf(world, deviceId))
    : filterDevices(world, targets.filter).map((device) => deviceOf(world, device.id));
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
