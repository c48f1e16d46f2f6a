import { type AgentStatus, readAgentStatus } from '../modules/status/index.ts';
import { openStateDatabaseForReading } from '../platform/state-database.ts';
import { findRunningProcess } from '../platform/state-lock.ts';
import { agentVersion } from '../version.ts';
import { chooseAgentFolder } from './agent-folder.ts';
import type { CommandContext } from './command-context.ts';
import { formatJson } from './output.ts';
import { stateVersion } from '../state-version.ts';

/** `status`: how the agent stands. Changes nothing, not even when there is no agent. */
export function runStatus(
  { isJson }: { readonly isJson: boolean },
  { config, output }: CommandContext,
): void {
  const { folder, isInUse, note } = chooseAgentFolder(config);
  const database = isInUse ? openStateDatabaseForReading(folder.databasePath, stateVersion) : undefined;
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
  if (note !== undefined) output.message(note);
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
  for (const { type, percent, text, isCancelAsked } of status.commands) {
    const progress = [
      percent === null ? '' : `${percent} %`,
      text ?? '',
      isCancelAsked ? 'is being ended' : '',
    ];
    rows.push(['Carries out', [type, ...progress.filter((part) => part !== '')].join(', ')]);
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
