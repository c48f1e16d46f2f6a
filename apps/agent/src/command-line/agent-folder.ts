import type { AgentConfig } from '../config.ts';
import { describeStateFolder, isStateFolderInUse, type StateFolder } from '../platform/state-folder.ts';
import { AgentStateError } from '../platform/state.errors.ts';

/** Which agent of this computer a command that only reads is about. */
export interface AgentFolder {
  readonly folder: StateFolder;
  /** False: there is no agent at all. */
  readonly isInUse: boolean;
  /** A line for the person who typed it, where there is more than one answer or not the expected one. */
  readonly note: string | undefined;
}

/** The agent of this user's settings, or that of `holdfast up` where it is the only one. */
export function chooseAgentFolder(config: AgentConfig): AgentFolder {
  const own = describeStateFolder(config.home);
  const ofServer = findServerFolder(config);
  const isOwnInUse = isStateFolderInUse(own);
  if (ofServer === undefined) return { folder: own, isInUse: isOwnInUse, note: undefined };
  if (isOwnInUse) {
    const note = `\`holdfast up\` has an agent of its own on this computer; to ask about that one set HOLDFAST_AGENT_HOME=${ofServer.path}\n`;
    return { folder: own, isInUse: true, note };
  }
  // Nobody named a folder, and the only agent here is that of `holdfast up`: it is the one that is meant.
  const note = 'This is the agent that `holdfast up` runs on this computer. There is no other one here.\n';
  return { folder: ofServer, isInUse: true, note };
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
