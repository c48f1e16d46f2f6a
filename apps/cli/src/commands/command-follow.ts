import { setTimeout as delay } from 'node:timers/promises';
import {
  type ApiClient,
  cancelCommand,
  type Command as IssuedCommand,
  type CommandTarget,
  getCommand,
  listCommandTargets,
} from '@holdfast/api';
import { ExitCode } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { askLine } from '../output/prompt.ts';
import { formatTable } from '../output/table.ts';
import { describeCancelledAtOnce } from './command-forecast.ts';
import { isYes } from './confirm.ts';
import { tellApart } from './device-text.ts';

const POLL_INTERVAL_MS = 500;

/** Prints what was issued, or stays with it until it has ended everywhere. */
export async function follow(
  tools: CommandTools,
  client: ApiClient,
  command: IssuedCommand,
  isWaiting: boolean,
): Promise<ExitCode> {
  const cancelled = describeCancelledAtOnce(command);
  if (cancelled !== undefined) tools.printer.note(cancelled);
  if (!isWaiting) {
    tools.printer.result(command, () => `${command.title} for ${command.target}: ${command.id}\n`);
    return ExitCode.done;
  }
  const finished = await waitForEnd(tools, client, command);
  const { targets } =
    finished.counts.total === 1 && !tools.printer.isJson
      ? await client.call(listCommandTargets, { params: { commandId: finished.id }, query: { limit: 1 } })
      : { targets: [] };
  tools.printer.result(finished, () => formatCommands([finished]) + targets.map(formatEnd).join(''));
  return finished.counts.succeeded === finished.counts.total ? ExitCode.done : ExitCode.refused;
}

/** Until nothing is in progress any more, or the person at the terminal does not want to wait longer. */
async function waitForEnd(
  tools: CommandTools,
  client: ApiClient,
  issued: IssuedCommand,
): Promise<IssuedCommand> {
  const { context } = tools;
  const wait = context.wait ?? delay;
  const progress = createProgress(context);
  const interrupt = Promise.withResolvers<'interrupted'>();
  const stopListening = context.onInterrupt?.(() => interrupt.resolve('interrupted'));
  let command = issued;
  try {
    while (inProgress(command) > 0) {
      await showProgress(progress, client, command);
      if ((await Promise.race([wait(POLL_INTERVAL_MS), interrupt.promise])) === 'interrupted') {
        progress.end();
        stopListening?.();
        return await leave(tools, client, command);
      }
      command = await client.call(getCommand, { params: { commandId: issued.id } });
    }
    return command;
  } finally {
    progress.end();
    stopListening?.();
  }
}

/** Of one device what it says itself; of many, how many have ended. */
async function showProgress(
  progress: ReturnType<typeof createProgress>,
  client: ApiClient,
  { id, counts }: IssuedCommand,
): Promise<void> {
  const open = inProgress({ counts });
  if (counts.total > 1 || counts.running + counts.cancelling === 0) {
    progress.update(counts.total - open, counts.total, `${open} of ${counts.total} in progress`);
    return;
  }
  const { targets } = await client.call(listCommandTargets, {
    params: { commandId: id },
    query: { limit: 1 },
  });
  const [target] = targets;
  if (target !== undefined)
    progress.update(
      target.progress?.percent ?? 0,
      100,
      `${tellApart(target.deviceName, target.deviceDistinction)}: ${describeTarget(target)}`,
    );
}

/** Whoever stops waiting has not stopped the command. */
async function leave(tools: CommandTools, client: ApiClient, command: IssuedCommand): Promise<IssuedCommand> {
  const { context, printer } = tools;
  printer.note(`It goes on without you: \`holdfast commands show ${command.id}\` follows it.`);
  if (context.stdin.isTTY !== true || printer.isJson) {
    printer.note(`\`holdfast commands cancel ${command.id}\` cancels it.`);
    return command;
  }
  const isUnwanted = isYes(await askLine(context, 'Cancel it? [yes/no] '));
  return isUnwanted ? await cancel(tools, client, command.id) : command;
}

/** Cancels, and says what came of it. */
export async function cancel(
  { printer }: CommandTools,
  client: ApiClient,
  commandId: string,
): Promise<IssuedCommand> {
  const command = await client.call(cancelCommand, { params: { commandId } });
  for (const sentence of describeCancellation(command)) printer.note(sentence);
  return command;
}

export function describeCancellation({ id, counts }: IssuedCommand): readonly string[] {
  const goesOn = counts.accepted + counts.running;
  return [
    ...(counts.cancelling === 0
      ? []
      : [
          `${counts.cancelling} of ${counts.total} asked to end it. \`holdfast commands show ${id}\` says what came of it.`,
        ]),
    ...(goesOn === 0
      ? []
      : [
          `It goes on on ${goesOn} of ${counts.total}: the agents there are too old to be asked, or you may not cancel there.`,
        ]),
  ];
}

/** What a target is doing, or why it does not. */
export function describeTarget({ state, detail, waitsFor, progress }: CommandTarget): string {
  if (waitsFor !== null) return 'waits for working hours';
  if (progress === null || (state !== 'running' && state !== 'cancelling')) return detail;
  return [progress.percent === null ? undefined : `${progress.percent} %`, progress.text]
    .filter((part) => part !== undefined && part !== '')
    .join(' ');
}

/** What came of it at the only device. A success may have reached nobody, and only its words say so. */
function formatEnd(target: CommandTarget): string {
  const said = describeTarget(target);
  return said === '' ? '' : `${target.deviceName}: ${said}\n`;
}

export function formatTargets(targets: readonly CommandTarget[]): string {
  return formatTable(
    [
      { title: 'device', value: (row) => tellApart(row.deviceName, row.deviceDistinction) },
      { title: 'state', value: (row) => row.state },
      { title: 'detail', value: describeTarget },
    ],
    targets,
  );
}

function inProgress({ counts }: Pick<IssuedCommand, 'counts'>): number {
  return counts.queued + counts.delivered + counts.accepted + counts.running + counts.cancelling;
}

export function formatCommands(rows: readonly IssuedCommand[]): string {
  return formatTable(
    [
      { title: 'id', value: (row) => row.id },
      { title: 'command', value: (row) => (row.isUrgent ? `${row.title} (urgent)` : row.title) },
      { title: 'target', value: (row) => row.target },
      { title: 'issued', value: (row) => `${row.issuedAt} by ${row.issuedBy}` },
      { title: 'succeeded', value: (row) => String(row.counts.succeeded), alignment: 'right' },
      { title: 'failed', value: (row) => String(row.counts.failed), alignment: 'right' },
      { title: 'expired', value: (row) => String(row.counts.expired), alignment: 'right' },
      { title: 'cancelled', value: (row) => String(row.counts.cancelled), alignment: 'right' },
      { title: 'in progress', value: (row) => String(inProgress(row)), alignment: 'right' },
      { title: 'all', value: (row) => String(row.counts.total), alignment: 'right' },
    ],
    rows,
  );
}
