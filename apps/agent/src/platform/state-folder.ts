import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AgentStateError } from './state.errors.ts';
import { isMissing } from './system-error.ts';

/** Where each thing that the agent keeps lies. */
export interface StateFolder {
  readonly path: string;
  /** PEM of the product's private key (PKCS #8). Never leaves the device. */
  readonly privateKeyPath: string;
  /** Registration, commands, outbox. */
  readonly databasePath: string;
  /** Held by the running agent; the operating system lets go of it when the process ends, however it ends. */
  readonly lockPath: string;
  /** Says which process runs, for people. Not the lock. */
  readonly processPath: string;
  /** The enrolment token, for as long as the agent waits to be let in. */
  readonly tokenPath: string;
  /** Takes room for when the disk is full. */
  readonly reservePath: string;
  /** Where the running agent says when it last heard the server. */
  readonly socketPath: string;
}

/**
 * Makes the folder if it is missing, private to its owner.
 *
 * @throws AgentStateError STATE_FOLDER_UNUSABLE, STATE_FOLDER_UNSAFE
 */
export function openStateFolder(path: string): StateFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const found = statSync(path);
    if (!found.isDirectory()) throw new AgentStateError('STATE_FOLDER_UNUSABLE', `${path} is not a folder.`);
    assertOwned(path, found.uid);
    // Another mode may come from a restore or from a packager; the folder is ours, so it is put right.
    if ((found.mode & 0o077) !== 0 && process.platform !== 'win32') chmodSync(path, 0o700);
  } catch (error) {
    if (error instanceof AgentStateError) throw error;
    throw new AgentStateError('STATE_FOLDER_UNUSABLE', `The state folder ${path} cannot be used.`, {
      cause: error,
      remedy: 'Run the agent as the user that owns the folder, or name another one with HOLDFAST_AGENT_HOME.',
      facts: { folder: path },
    });
  }
  return describeStateFolder(path);
}

/** The paths alone; makes nothing. For reading, e.g. by `status`. */
export function describeStateFolder(path: string): StateFolder {
  return {
    path,
    privateKeyPath: join(path, 'agent.key'),
    databasePath: join(path, 'state.sqlite'),
    lockPath: join(path, 'agent.lock'),
    processPath: join(path, 'agent.process.json'),
    tokenPath: join(path, 'enrolment.token'),
    reservePath: join(path, 'agent.reserve'),
    socketPath: join(path, 'agent.socket'),
  };
}

/**
 * True when an agent has ever kept state in this folder.
 *
 * @throws AgentStateError STATE_FOLDER_UNUSABLE when this user may not look
 */
export function isStateFolderInUse(folder: StateFolder): boolean {
  try {
    readdirSync(folder.path);
  } catch (error) {
    if (isMissing(error)) return false;
    throw new AgentStateError('STATE_FOLDER_UNUSABLE', `The state folder ${folder.path} cannot be read.`, {
      cause: error,
      remedy: 'Run the command as the user that runs the agent, e.g. with sudo.',
      facts: { folder: folder.path },
    });
  }
  return existsSync(folder.databasePath) || existsSync(folder.privateKeyPath);
}

function assertOwned(path: string, ownerId: number): void {
  const userId = process.getuid?.();
  if (userId === undefined || ownerId === userId) return;
  throw new AgentStateError('STATE_FOLDER_UNSAFE', `The state folder ${path} belongs to another user.`, {
    remedy: 'Run the agent as that user, or name another folder with HOLDFAST_AGENT_HOME.',
    facts: { folder: path, ownerId },
  });
}
