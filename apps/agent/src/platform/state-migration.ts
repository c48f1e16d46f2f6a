/**
 * One change of the state database, owned by the module whose tables it is about. An agent that was updated can go back to the
 * one before, so a change only adds: tables, columns with a default, indexes. New values never go into an old column whose
 * readers would not know them. An entry is never edited after its release.
 */
export interface StateMigration {
  /** Its own among all migrations, for ever: by it the database remembers that the change is made. */
  readonly name: string;
  /** The oldest release that still works on a database with this change. */
  readonly oldestReader: string;
  readonly statements: string;
}

/** What this agent makes of a state database. */
export interface StateVersion {
  /** Of this agent. */
  readonly release: string;
  /** In the order in which they are made. */
  readonly migrations: readonly StateMigration[];
}

/** Whether a release is this one or newer. False for what is no release: nobody knows what it can read. */
export function isReleaseAtLeast(release: string, oldest: string): boolean {
  const [given, wanted] = [parseRelease(release), parseRelease(oldest)];
  if (given === undefined || wanted === undefined) return false;
  for (const [index, part] of given.entries()) {
    const other = wanted[index] ?? 0;
    if (part !== other) return part > other;
  }
  return true;
}

/** The three numbers; what follows them, as in `1.2.0-rc.1`, says nothing about the state. */
function parseRelease(text: string): readonly number[] | undefined {
  const [, ...parts] = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/u.exec(text) ?? [];
  return parts.length === 3 ? parts.map(Number) : undefined;
}
