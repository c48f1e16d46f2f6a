import { statfsSync } from 'node:fs';
import { describeFailure, type Failure, hasCode, toTerminalText } from '@holdfast/kernel';
import {
  createNotEnrolledError,
  createRegistrationStore,
  findWaiting,
} from '../modules/registration/index.ts';
import { type AgentStatus, askContactTimes, readAgentStatus } from '../modules/status/index.ts';
import { openStateDatabaseForReading, type StateDatabase } from '../platform/state-database.ts';
import type { StateFolder } from '../platform/state-folder.ts';
import { findRunningProcess } from '../platform/state-lock.ts';
import { agentVersion } from '../version.ts';
import { chooseAgentFolder } from './agent-folder.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';
import { stateVersion } from '../state-version.ts';

/** `status`: how the agent stands. Changes nothing, not even when there is no agent. */
export async function runStatus(
  { isJson }: { readonly isJson: boolean },
  { config, output }: CommandContext,
): Promise<void> {
  const { folder, isInUse, note } = chooseAgentFolder(config);
  const state: ReadableState = isInUse
    ? openState(folder)
    : { problem: describeFailure(createNotEnrolledError()) };
  const { database, problem } = state;
  try {
    const running = isInUse ? findRunningProcess(folder) : undefined;
    const status = readAgentStatus({
      version: agentVersion,
      home: folder.path,
      running,
      contact: running === undefined ? undefined : await askContactTimes(folder.socketPath),
      database,
      problem,
      freeBytes: readFreeBytes(folder.path),
    });
    output.data(isJson ? formatJson(status) : describeStatus(status));
  } finally {
    database?.close();
  }
  if (note !== undefined) output.message(note);
}

interface ReadableState {
  readonly database?: StateDatabase | undefined;
  readonly problem?: Failure | undefined;
}

/** An agent that holds its state for itself, because its disk is full, still runs. */
function openState({ databasePath }: StateFolder): ReadableState {
  try {
    const database = openStateDatabaseForReading(databasePath, stateVersion);
    const isEnrolled = database !== undefined && createRegistrationStore(database).find() !== undefined;
    return { database, problem: isEnrolled ? undefined : describeMissingEnrolment(database) };
  } catch (error) {
    if (!hasCode(error, 'STATE_HELD') && !hasCode(error, 'STATE_DISK_FULL')) throw error;
    return { problem: describeFailure(error) };
  }
}

/** An enrolment may have been begun, and then there is more to say. */
function describeMissingEnrolment(database: StateDatabase | undefined): Failure {
  const waiting = database === undefined ? undefined : findWaiting(database);
  const { code = '', message = '', remedy } = waiting ?? {};
  switch (waiting?.reason) {
    case 'admission':
      return {
        code: 'APPROVAL_AWAITED',
        message: 'This computer waits until an administrator admits it in the console.',
        remedy:
          'Compare the key thumbprint with the one under Enrolment, Waiting devices, and admit it there.',
      };
    case 'server':
      return {
        code,
        message: `The server was not reached yet: ${message}`,
        remedy: 'Nothing, if the server can be reached later; the agent tries again by itself while it runs.',
      };
    case 'refused':
      return {
        code,
        message: `The server refused this computer: ${message}`,
        ...(remedy === undefined ? {} : { remedy }),
      };
    case undefined:
      return describeFailure(createNotEnrolledError());
  }
}

function describeContact({
  lastContactAt,
  isLastContactExact,
}: NonNullable<AgentStatus['connection']>): string {
  if (lastContactAt === null) return 'never';
  return isLastContactExact ? lastContactAt : `${lastContactAt} or later`;
}

function readFreeBytes(path: string): number | undefined {
  try {
    const { bsize, bavail } = statfsSync(path);
    return bsize * bavail;
  } catch {
    // There is no folder, or the system does not tell.
    return undefined;
  }
}

function describeStatus(status: AgentStatus): string {
  const { connection, queue } = status;
  const rows: [string, string][] = [
    ['Version', status.version],
    ['State folder', status.home],
    ['Running', status.isRunning ? `yes, process ${status.process?.processId || 'not known'}` : 'no'],
  ];
  if (status.isEnrolled) rows.push(['Enrolled', `yes, product ${status.productNumber}`]);
  else if (status.problem?.code === 'NOT_ENROLLED') rows.push(['Enrolled', 'no']);
  else if (status.waiting !== null) rows.push(['Enrolled', `not yet, waits since ${status.waiting.since}`]);
  if (status.keyThumbprint !== null) rows.push(['Key thumbprint', status.keyThumbprint]);
  if (status.problem !== null) {
    const { code, message, remedy = '' } = status.problem;
    rows.push(['Problem', `${message} (${code})`], ['To do', remedy]);
  }
  if (status.disk.isFull) {
    const since = status.disk.fullSince === null ? '' : ` since ${status.disk.fullSince}`;
    const left = status.disk.freeBytes === null ? '' : `, ${status.disk.freeBytes} bytes left`;
    rows.push([
      'Disk',
      `the volume of the state folder is full or failing${since}${left}; free some space (STATE_DISK_FULL)`,
    ]);
  }
  if (status.server !== null) rows.push(['Server', status.server.addresses.join(', ')]);
  if (status.groupPath !== null) rows.push(['Group', status.groupPath.join(' / ') || 'top group']);
  if (status.keySharedSince !== null) {
    rows.push([
      'Key',
      `another computer uses it, known since ${status.keySharedSince}; an administrator has to admit this one in the console, under waiting devices`,
    ]);
  }
  if (connection !== null) {
    rows.push(
      ['Connection', connection.phase],
      ['Heartbeats by', connection.transport],
      ['Server calls', `${connection.mode} (${connection.modeReason || 'not settled yet'})`],
      ['Last contact', describeContact(connection)],
    );
    if (connection.lastFailure !== null) {
      rows.push(['Last failure', `${connection.lastFailure.code} at ${connection.lastFailure.at ?? '?'}`]);
    }
  }
  for (const { call, code, reason, since } of status.refusals)
    rows.push(['Refused', `${call}, since ${since}: ${reason} (${code})`]);
  for (const { call, code, count, lastAt } of status.givenUp)
    rows.push(['Given up', `${call}: ${count} that the server never took, the last at ${lastAt} (${code})`]);
  for (const { type, percent, text, isCancelAsked } of status.commands) {
    const progress = [
      percent === null ? '' : `${percent} %`,
      text ?? '',
      isCancelAsked ? 'is being ended' : '',
    ];
    rows.push(['Carries out', [type, ...progress.filter((part) => part !== '')].join(', ')]);
  }
  for (const { component, version, state, target, code, reason } of status.components) {
    const about = state === 'behind' || state === 'staged' ? ` release ${target}` : '';
    const why = code === null ? '' : `: ${reason} (${code})`;
    rows.push(['Component', `${component} ${version ?? 'none'}, ${state}${about}${why}`]);
  }
  const { checkedAt, failure } = status.updateCheck;
  if (checkedAt !== null) rows.push(['Updates', `last looked for at ${checkedAt}`]);
  if (failure !== null)
    rows.push([
      'Updates',
      `cannot be looked for since ${failure.since}: ${failure.reason} (${failure.code})`,
    ]);
  const { security, general } = status.journals;
  const dropped = security.droppedCount + general.droppedCount;
  rows.push(
    ['Waiting', `${queue.outboxCount} reports, ${queue.unfinishedCommandCount} commands`],
    [
      'Log entries',
      `${security.entryCount} security, ${general.entryCount} general wait${dropped === 0 ? '' : `, ${dropped} dropped so far`}`,
    ],
  );
  // Parts of it come from the server.
  return rows.map(([name, value]) => `${`${name}:`.padEnd(16)}${toTerminalText(value)}\n`).join('');
}
