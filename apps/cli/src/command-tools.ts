import type { ApiClient } from '@holdfast/api';
import type { Command } from 'commander';
import type { ExitCode } from './cli.errors.ts';
import type { CliContext } from './context.ts';
import { type OpenConnection, openConnection } from './connection/open-connection.ts';
import { createPrinter, type Printer } from './output/printer.ts';

/** What an action of a command gets: the process around it, where to print, and the server when it asks for it. */
export interface CommandTools {
  readonly context: CliContext;
  readonly printer: Printer;
  /** Opens the connection on first use; it is closed when the command ends. */
  client(): Promise<ApiClient>;
  connection(): Promise<OpenConnection>;
}

/** Exit status of the command that ran; set by its action. */
export interface ProgramOutcome {
  exitCode: ExitCode;
}

/** Registers an action: `--json` is understood everywhere, and the action's exit code is kept. */
export type AddAction = (
  command: Command,
  action: (
    tools: CommandTools,
    options: Record<string, unknown>,
    positional: readonly string[],
  ) => Promise<ExitCode | void>,
) => Command;

/** Runs an action with its tools, and closes what it opened. */
export async function withTools<Result>(
  context: CliContext,
  isJson: boolean,
  action: (tools: CommandTools) => Promise<Result>,
): Promise<Result> {
  let open: OpenConnection | undefined;
  const connection = async (): Promise<OpenConnection> => {
    open ??= await openConnection(context);
    return open;
  };
  try {
    return await action({
      context,
      printer: createPrinter(context, isJson),
      connection,
      client: async () => (await connection()).client,
    });
  } finally {
    open?.close();
  }
}
