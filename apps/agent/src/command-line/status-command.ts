import { type AgentStatus, readAgentStatus } from '../modules/status/index.ts';
import { openStateDatabaseForReading } from '../platform/state-database.ts';
import type { AgentConfig } from '../config.ts';
import { describeStateFolder, isStateFolderInUse, type StateFolder } from '../platform/state-folder.ts';
import { AgentStateError } from '../platform/state.errors.ts';
import { findRunningProcess } from '../platform/state-lock.ts';
import { agentVersion } from '../version.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';

/** `status`: how the agent stands. Changes nothing, not even when there is no agent. */
export function runStatus(
  { isJson }: { readonly isJson: boolean },
  { config, output }: CommandContext,
): void {
  const own = describeStateFolder(config.home);
  const ofServer = findServerFolder(config);
  const isOwnInUse = isStateFolderInUse(own);
  // Nobody named a folder, and the only agent here is that of `holdfast up`: it is the one that is meant.
  const folder = isOwnInUse || ofServer === undefined ? own : ofServer;
  const isInUse = isOwnInUse || ofServer !== undefined;
  const database = isInUse ? openStateDatabaseForReading(folder.databasePath) : undefined;
  try {
    const status = readAgentStatus({
      version: agentVersion,
      home: folder.path,
      running: isInUse ? findRunningProcess(folder) : undefined,
      database,
    });
    output.data(isJson ? formatJson(status) : describeStatus(status));
  } finally {
    database?.close();
  }
  if (folder === ofServer) {
    output.message(
      'This is the agent that `holdfast up` runs on this computer. There is no other one here.\n',
    );
  } else if (ofServer !== undefined) {
    output.message(
      `\`holdfast up\` has an agent of its own on this computer; for its status set HOLDFAST_AGENT_HOME=${ofServer.path}\n`,
    );
  }
}

/** The state folder of the agent of `holdfast up`, where there is one and this user may look. */
function findServerFolder({ homeOfServer }: AgentConfig): StateFolder | undefined {
  if (homeOfServer === undefined) return undefined;
  const folder = describeStateFolder(homeOfServer);
  try {
    return isStateFolderInUse(folder) ? folder : undefined;
  } catch (error) {
    // Another user's; it is not what was asked about in the first place.
    if (error instanceof AgentStateError) return undefined;
    throw error;
  }
}

function describeStatus(status: AgentStatus): string {
  const { connection, queue } = status;
  const rows: [string, string][] = [
    ['Version', status.version],
    ['State folder', status.home],
    ['Running', status.isRunning ? `yes, process ${status.process?.processId ?? '?'}` : 'no'],
    ['Enrolled', status.isEnrolled ? `yes, product ${status.productNumber}` : 'no'],
  ];
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
      ['Last contact', connection.lastContactAt ?? 'never'],
    );
    if (connection.lastFailure !== null) {
      rows.push(['Last failure', `${connection.lastFailure.code} at ${connection.lastFailure.at ?? '?'}`]);
    }
  }
  const { security, general } = status.journals;
  const dropped = security.droppedCount + general.droppedCount;
  rows.push(
    ['Waiting', `${queue.outboxCount} reports, ${queue.unfinishedCommandCount} commands`],
    [
      'Log entries',
      `${security.entryCount} security, ${general.entryCount} general wait${dropped === 0 ? '' : `, ${dropped} dropped so far`}`,
    ],
  );
  return rows.map(([name, value]) => `${`${name}:`.padEnd(16)}${value}\n`).join('');
}
