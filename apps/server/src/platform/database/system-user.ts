import { DatabaseError } from './database.errors.ts';
import { runProgram } from './program.ts';

/** The account that the database runs under when the server itself runs as root. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export const DEFAULT_SYSTEM_USER = 'holdfast';

/** Looks an account up by name. */
export async function findSystemUser(name: string): Promise<SystemUser | undefined> {
  // A name that starts with a dash would be an option to `id`.
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) return undefined;
  const [uid, gid] = await Promise.all([runProgram('id', ['-u', name]), runProgram('id', ['-g', name])]);
  if (uid.exitCode !== 0 || gid.exitCode !== 0) return undefined;
  return { name, uid: Number(uid.output.trim()), gid: Number(gid.output.trim()) };
}

/**
 * The account for the database: undefined when this process is not root (it then runs as the same user),
 * else the named account, which is made when it has the default name and does not exist.
 *
 * @throws DatabaseError DATABASE_SYSTEM_USER_MISSING
 */
export async function requireSystemUser(configuredName: string | undefined): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const name = configuredName ?? DEFAULT_SYSTEM_USER;
  const existing = await findSystemUser(name);
  if (existing !== undefined) {
    if (existing.uid !== 0) return existing;
    throw missingUser(name, `The system user "${name}" is root, and PostgreSQL refuses to run as root.`);
  }
  if (configuredName !== undefined) {
    throw missingUser(name, `The system user "${name}" for the database does not exist.`);
  }
  const added = await runProgram('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--home-dir',
    '/nonexistent',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ]);
  // Two servers that start at once may both try; the one that came second finds the user all the same.
  const created = await findSystemUser(name);
  if (created !== undefined) return created;
  const reason = added.errors.trim().split('\n').at(-1) ?? '';
  throw missingUser(
    name,
    `The system user "${name}" for the database could not be created. ${reason}`.trim(),
  );
}

function missingUser(name: string, message: string): DatabaseError {
  return new DatabaseError('DATABASE_SYSTEM_USER_MISSING', message, {
    facts: { systemUser: name },
    remedy:
      'PostgreSQL does not run as root. Create a system user and name it in HOLDFAST_DATABASE_OS_USER, start Holdfast as an ordinary user, or set HOLDFAST_DATABASE_URL to an existing PostgreSQL server.',
  });
}
