import { mcpProblemStatus } from '@holdfast/protocol';
import { accessErrorStatus } from '../access/access.errors.ts';
import { databaseErrorStatus } from '../database/database.errors.ts';
import { httpErrorStatus } from './http.errors.ts';

// One table for the process: codes are unique across all areas, and a code has one status wherever it appears.
const statusByCode = new Map<string, number>();

/**
 * Tells the HTTP edge which status each code of an area has. Repeating the same table changes nothing.
 *
 * @throws TypeError when another area gave the code another status, or the status is none of an error
 */
export function registerErrorStatus(table: Readonly<Record<string, number>>): void {
  for (const [code, status] of Object.entries(table)) {
    if (!Number.isInteger(status) || status < 400 || status > 599) {
      throw new TypeError(`Error code ${code}: expected a status from 400 to 599, got ${status}`);
    }
    const known = statusByCode.get(code);
    if (known !== undefined && known !== status) {
      throw new TypeError(`Error code ${code} has status ${known} already and cannot have ${status} too`);
    }
    statusByCode.set(code, status);
  }
}

/** The status of a code, or `undefined` for a code that no area has registered. */
export function findErrorStatus(code: string): number | undefined {
  return statusByCode.get(code);
}

const { MESSAGE_TOO_LARGE, MESSAGE_TOO_DEEP } = mcpProblemStatus;

registerErrorStatus(httpErrorStatus);
registerErrorStatus({ MESSAGE_TOO_LARGE, MESSAGE_TOO_DEEP });
registerErrorStatus(accessErrorStatus);
registerErrorStatus(databaseErrorStatus);
