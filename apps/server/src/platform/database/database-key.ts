import { createHmac, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { decodeBase64Url, encodeBase64Url } from '@holdfast/kernel';
import { DatabaseError } from './database.errors.ts';

const KEY_BYTES = 32;

/** The secret that the passwords of our own cluster come from. It belongs to the cluster and to no backup. */
export interface DatabaseKey {
  derivePassword(role: 'supervisor' | 'server'): string;
}

export function databaseKeyPath(home: string): string {
  return path.join(home, 'keys', 'database.key');
}

/** @throws DatabaseError DATABASE_KEY_MISSING when there is none, or when it is not readable as one */
export async function readDatabaseKey(home: string): Promise<DatabaseKey> {
  const key = await findKey(databaseKeyPath(home));
  if (key !== undefined) return toDatabaseKey(key);
  throw new DatabaseError(
    'DATABASE_KEY_MISSING',
    'There is a database, but the key to it is missing or damaged: keys/database.key.',
    {
      facts: { file: databaseKeyPath(home) },
      remedy:
        'Put the file back from a copy of HOLDFAST_HOME, or restore a backup into an empty HOLDFAST_HOME.',
    },
  );
}

/** The key of a cluster that does not exist yet: the one of an earlier attempt, else a new one. */
export async function prepareDatabaseKey(home: string): Promise<DatabaseKey> {
  const file = databaseKeyPath(home);
  const existing = await findKey(file);
  if (existing !== undefined) return toDatabaseKey(existing);
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const bytes = randomBytes(KEY_BYTES);
  const draft = `${file}.${process.pid}.partial`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(`${encodeBase64Url(bytes)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // On disk before any cluster depends on it.
  await rename(draft, file);
  return toDatabaseKey(createSecretKey(bytes));
}

async function findKey(file: string): Promise<KeyObject | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const bytes = decodeBase64Url(text.trim());
  return bytes?.length === KEY_BYTES ? createSecretKey(bytes) : undefined;
}

function toDatabaseKey(key: KeyObject): DatabaseKey {
  return {
    derivePassword: (role) =>
      createHmac('sha256', key).update(`holdfast database ${role}`).digest('base64url'),
  };
}
