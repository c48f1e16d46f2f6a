import { readFileSync } from 'node:fs';
import {
  createProductKey,
  exportProductKey,
  importProductKey,
  type ProductKey,
  TrustError,
} from '@holdfast/trust';
import { createPrivateFile } from '../../platform/private-file.ts';
import { AgentStateError } from '../../platform/state.errors.ts';
import { isMissing } from '../../platform/system-error.ts';

/**
 * The product's key pair, or `undefined` when there is none yet.
 *
 * @throws AgentStateError KEY_DAMAGED
 */
export function findProductKey(path: string): ProductKey | undefined {
  try {
    return importProductKey(readFileSync(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    const isContent = error instanceof TrustError;
    throw new AgentStateError(
      'KEY_DAMAGED',
      `The agent's key ${path} ${isContent ? 'is damaged' : 'cannot be read'}.`,
      {
        cause: error,
        remedy: isContent
          ? 'Restore the file from a backup. Without one, move it away and enrol again as a new product.'
          : 'Run the agent as the user that owns the file.',
        facts: { file: path },
      },
    );
  }
}

/** The product's key pair; made and written, durably and never over another one, when there is none. */
export function getOrCreateProductKey(path: string): ProductKey {
  const known = findProductKey(path);
  if (known !== undefined) return known;
  const key = createProductKey();
  createPrivateFile(path, exportProductKey(key));
  return key;
}
