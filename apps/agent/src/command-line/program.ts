import { toStateError } from '../platform/state.errors.ts';
import { findErrorPath } from '../platform/system-error.ts';
import { describeFailure, formatFailure, formatFailureJson, hasCode } from '@holdfast/kernel';
import { agentVersion } from '../version.ts';
import { runAddresses } from './addresses-command.ts';
import { type AgentCommand, parseArguments } from './arguments.ts';
import { runCheck } from './check-command.ts';
import type { CommandContext } from './command-context.ts';
import { ExitCode, exitCodeOf } from './command-line.errors.ts';
import { runEnrol } from './enrol-command.ts';
import { runGoodbye } from './goodbye-command.ts';
import { helpText } from './help-text.ts';
import { runInventory } from './inventory-command.ts';
import { formatJson, type Output } from './output.ts';
import { runAgent } from './run-command.ts';
import { runService } from './service-command.ts';
import { runStatus } from './status-command.ts';

/**
 * Reads the arguments, does what they ask, and answers the exit code. Every failure is printed once, here.
 *
 * @param createContext made after the arguments were read, because it reads the settings
 */
export async function runProgram(
  args: readonly string[],
  output: Output,
  createContext: () => CommandContext,
): Promise<ExitCode> {
  let isJson = args.includes('--json');
  try {
    const command = parseArguments(args);
    isJson = 'isJson' in command && command.isJson;
    return await runCommand(command, output, createContext);
  } catch (thrown) {
    // A disk without room is no defect, whatever it was that could not be written there.
    const error = toStateError(thrown, findErrorPath(thrown) ?? 'A file');
    const failure = describeFailure(error);
    output.message(isJson ? formatFailureJson(failure) : formatFailure(failure));
    if (args[0] === 'run' && hasCode(error, 'NOT_ENROLLED')) return ExitCode.notEnrolled;
    return exitCodeOf(error);
  }
}

async function runCommand(
  command: AgentCommand,
  output: Output,
  createContext: () => CommandContext,
): Promise<ExitCode> {
  switch (command.name) {
    case 'help':
      output.data(helpText);
      break;
    case 'version':
      output.data(command.isJson ? formatJson({ version: agentVersion }) : `${agentVersion}\n`);
      break;
    case 'run':
      if ((await runAgent(createContext())) !== 'restart') break;
      output.message('holdfast: the agent ends because a command asked for it, to be started again.\n');
      return ExitCode.restartWanted;
    case 'enroll':
      await runEnrol(command, createContext());
      break;
    case 'addresses':
      await runAddresses(command, createContext());
      break;
    case 'status':
      await runStatus(command, createContext());
      break;
    case 'check':
      return await runCheck(command, createContext());
    case 'inventory':
      await runInventory(createContext());
      break;
    case 'goodbye':
      await runGoodbye(command, createContext());
      break;
    case 'install':
    case 'uninstall':
      await runService(command, createContext());
      break;
  }
  return ExitCode.done;
}
