import { agentVersion } from '../version.ts';
import { type AgentCommand, parseArguments } from './arguments.ts';
import type { CommandContext } from './command-context.ts';
import { ExitCode, exitCodeOf } from './command-line.errors.ts';
import { runEnrol } from './enrol-command.ts';
import { helpText } from './help-text.ts';
import { runInventory } from './inventory-command.ts';
import { formatError, formatErrorJson, formatJson, type Output } from './output.ts';
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
    await runCommand(command, output, createContext);
    return ExitCode.done;
  } catch (error) {
    if (isJson) output.data(formatErrorJson(error));
    output.message(formatError(error));
    return exitCodeOf(error);
  }
}

async function runCommand(
  command: AgentCommand,
  output: Output,
  createContext: () => CommandContext,
): Promise<void> {
  switch (command.name) {
    case 'help':
      return output.data(helpText);
    case 'version':
      return output.data(command.isJson ? formatJson({ version: agentVersion }) : `${agentVersion}\n`);
    case 'run':
      return await runAgent(createContext());
    case 'enroll':
      return await runEnrol(command, createContext());
    case 'status':
      return runStatus(command, createContext());
    case 'inventory':
      return await runInventory(createContext());
    case 'install':
    case 'uninstall':
      return await runService(command, createContext());
  }
}
