import type { ClientBase } from 'pg';
import pg from 'pg';
import { createScramVerifier } from './scram-verifier.ts';

/** The role and the database of the server. The role owns the database and nothing beyond it. */
export const SERVER_ROLE = 'holdfast';
export const SERVER_DATABASE = 'holdfast';

/** Makes the server's role, or gives it its password again. May be repeated. */
export async function ensureServerRole(supervisor: ClientBase, password: string): Promise<void> {
  const { rowCount } = await supervisor.query('select 1 from pg_roles where rolname = $1', [SERVER_ROLE]);
  const verb = rowCount === 0 ? 'create role' : 'alter role';
  // A statement of this kind takes no parameters; the verifier is made of base64 and is quoted all the same.
  const verifier = pg.escapeLiteral(await createScramVerifier(password));
  await supervisor.query(
    `${verb} ${SERVER_ROLE} login nosuperuser nocreatedb nocreaterole password ${verifier}`,
  );
}

/** Makes the server's database when it is missing. May be repeated. */
export async function ensureServerDatabase(
  supervisor: ClientBase,
  name: string = SERVER_DATABASE,
): Promise<void> {
  const { rowCount } = await supervisor.query('select 1 from pg_database where datname = $1', [name]);
  if (rowCount !== 0) return;
  await supervisor.query(
    `create database ${pg.escapeIdentifier(name)} owner ${SERVER_ROLE} template template0`,
  );
  await supervisor.query(`revoke all on database ${pg.escapeIdentifier(name)} from public`);
}
