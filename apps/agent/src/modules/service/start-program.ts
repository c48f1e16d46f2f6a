import { assertPlainPath } from './plain-path.ts';

/** The agent idles, so it is interpreted: less memory. Nothing from outside opens the debugger of its runtime. */
export const agentRuntimeFlags = '--disable-sigusr1 --jitless --max-semi-space-size=1';

export interface StartProgramOptions {
  readonly runtimePath: string;
  readonly programPath: string;
  readonly startProgramPath: string;
  /** The agent's state folder, unless whoever calls names another. */
  readonly home: string;
}

/** The installed agent as one word, for people and scripts. @throws ServiceError SERVICE_PATH_UNUSABLE */
export function formatStartProgram({
  runtimePath,
  programPath,
  startProgramPath,
  home,
}: StartProgramOptions): string {
  for (const path of [runtimePath, programPath, startProgramPath, home]) assertPlainPath(path);
  return `#!/bin/sh
# Runs the Holdfast agent of this computer: ${startProgramPath} status
HOLDFAST_AGENT_HOME="\${HOLDFAST_AGENT_HOME:-${home}}"
HOLDFAST_AGENT_CALLED_AS='${startProgramPath}'
export HOLDFAST_AGENT_HOME HOLDFAST_AGENT_CALLED_AS
exec ${runtimePath} ${agentRuntimeFlags} ${programPath} "$@"
`;
}
