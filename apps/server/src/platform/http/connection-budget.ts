/** How many connections the server takes, and who may have how many of them. */
export interface ConnectionBudget {
  readonly total: number;
  readonly perNetwork: number;
  /** Of the total, those that strangers cannot have. */
  readonly reserved: number;
}

/** The rest is for the database, files of the console, logs and calls to products. */
const SHARE_OF_OPEN_FILES = 0.7;

/**
 * The wanted numbers, all made smaller in proportion where the limit of open files has no room for them: a server that
 * runs out of open files takes nobody in, not even an administrator.
 */
export function planConnections(wanted: ConnectionBudget, openFileLimit: number): ConnectionBudget {
  const total = Math.max(1, Math.min(wanted.total, Math.floor(openFileLimit * SHARE_OF_OPEN_FILES)));
  if (total === wanted.total) return wanted;
  const scale = total / wanted.total;
  return {
    total,
    perNetwork: Math.max(1, Math.floor(wanted.perNetwork * scale)),
    reserved: Math.floor(wanted.reserved * scale),
  };
}
