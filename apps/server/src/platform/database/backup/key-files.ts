import { chmod, lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { BackupError } from './backup.errors.ts';
import { MAX_FILE_BYTES, MAX_FILES } from './backup-format.ts';

export interface KeyFile {
  /** Name inside HOLDFAST_HOME/keys. */
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

/** It belongs to the cluster on this computer; the restored one has its own. */
const LOCAL_KEY = 'database.key';
/** In a backup, the file of this name belongs into HOLDFAST_HOME/agent; no key of the server may be called so. */
const AGENT_KEY = 'agent.key';
const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/**
 * Everything in the keys folder that a restored server needs to be the same server.
 *
 * @throws BackupError BACKUP_UNSUPPORTED for what is no small plain file: leaving it out silently could cost
 *   a key
 */
export async function readKeyFiles(keysFolder: string): Promise<readonly KeyFile[]> {
  const entries = await readdir(keysFolder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files: KeyFile[] = [];
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    if (entry.name === LOCAL_KEY || entry.name.endsWith('.partial')) continue;
    const file = path.join(keysFolder, entry.name);
    const { mode, size } = await stat(file);
    const isKey = entry.isFile() && NAME.test(entry.name) && entry.name !== AGENT_KEY;
    if (!isKey || size > MAX_FILE_BYTES || files.length >= MAX_FILES) {
      throw new BackupError(
        'BACKUP_UNSUPPORTED',
        `The keys folder holds "${entry.name}", which is no key file.`,
        {
          facts: { file },
          remedy: 'Move it out of the keys folder, then make the backup again.',
        },
      );
    }
    files.push({ name: entry.name, mode: mode & 0o777, content: await readFile(file) });
  }
  return files;
}

/**
 * The key of the agent that `holdfast up` runs on this computer, if there is one. With it that agent comes back to its
 * record; everything else that it keeps it learns again.
 *
 * @throws BackupError BACKUP_UNSUPPORTED
 */
export async function findAgentKey(home: string): Promise<KeyFile | undefined> {
  const file = path.join(home, 'agent', AGENT_KEY);
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  if (!found.isFile() || found.size > MAX_FILE_BYTES) {
    throw new BackupError('BACKUP_UNSUPPORTED', `"${file}" is no key file.`, {
      facts: { file },
      remedy: 'Move it away, then make the backup again.',
    });
  }
  return { name: AGENT_KEY, mode: 0o600, content: await readFile(file) };
}

/**
 * Refuses a home in which an agent has another key than that of the backup.
 *
 * @throws BackupError RESTORE_TARGET_NOT_EMPTY
 */
export async function assertAgentKeyFree(home: string, files: readonly KeyFile[]): Promise<void> {
  const restored = files.find((file) => file.name === AGENT_KEY);
  if (restored === undefined) return;
  const existing = await findAgentKey(home);
  if (existing === undefined || existing.content.equals(restored.content)) return;
  const folder = path.join(home, 'agent');
  throw new BackupError(
    'RESTORE_TARGET_NOT_EMPTY',
    `"${folder}" holds the key of another agent. Nothing was changed.`,
    {
      facts: { folder, file: AGENT_KEY },
      remedy: 'Restore into an empty HOLDFAST_HOME, or move the old one away first.',
    },
  );
}

/** Writes every file of a backup to where it belongs in HOLDFAST_HOME. */
export async function writeFilesOfHome(home: string, files: readonly KeyFile[]): Promise<void> {
  const isOfAgent = (file: KeyFile): boolean => file.name === AGENT_KEY;
  await writeKeyFiles(
    path.join(home, 'keys'),
    files.filter((file) => !isOfAgent(file)),
  );
  const agentKeys = files.filter(isOfAgent).map((file) => ({ ...file, mode: 0o600 }));
  if (agentKeys.length > 0) await writeKeyFiles(path.join(home, 'agent'), agentKeys);
}

/**
 * Refuses a keys folder with other keys. The same keys are welcome: an earlier restore may have been ended
 * after it wrote them.
 *
 * @throws BackupError RESTORE_TARGET_NOT_EMPTY
 */
export async function assertKeysFolderFree(keysFolder: string, files: readonly KeyFile[]): Promise<void> {
  for (const existing of await readKeyFiles(keysFolder)) {
    const restored = files.find((file) => file.name === existing.name);
    if (restored?.content.equals(existing.content)) continue;
    throw new BackupError(
      'RESTORE_TARGET_NOT_EMPTY',
      `"${keysFolder}" holds keys of another server: ${existing.name}. Nothing was changed.`,
      {
        facts: { folder: keysFolder, file: existing.name },
        remedy: 'Restore into an empty HOLDFAST_HOME, or move the old one away first.',
      },
    );
  }
}

/** Writes the files, on disk before this returns, readable by nobody else than before. */
async function writeKeyFiles(keysFolder: string, files: readonly KeyFile[]): Promise<void> {
  await mkdir(keysFolder, { recursive: true, mode: 0o700 });
  for (const { name, mode, content } of files) {
    const file = path.join(keysFolder, name);
    const draft = `${file}.partial`;
    await rm(draft, { force: true });
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(draft, mode);
    await rename(draft, file);
  }
  await syncFolder(keysFolder);
}

/** Makes a rename inside the folder survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
