import type { KeyObject } from 'node:crypto';
import { createRepository, toSigningKey } from '@holdfast/components/repository';
import { type Clock, hasCode } from '@holdfast/kernel';

/**
 * Renews what the online roles sign in folders, so that devices go on believing that what they have is the newest. A root that
 * does not name the server's key yet is no failure: its publisher has not come to it.
 *
 * @throws ComponentError REPOSITORY_BUSY, REPOSITORY_DAMAGED, REPOSITORY_UNWRITABLE, REPOSITORY_NOT_FOUND
 */
export async function renewRepositories(
  folders: readonly { readonly folder: string; readonly key: KeyObject }[],
  { clock, signal }: { readonly clock: Pick<Clock, 'now'>; readonly signal: AbortSignal },
): Promise<{ readonly renewed: number; readonly unnamed: number }> {
  let renewed = 0;
  let unnamed = 0;
  for (const { folder, key } of folders) {
    signal.throwIfAborted();
    try {
      await createRepository({ folder, clock }).refresh([toSigningKey(key)]);
      renewed += 1;
    } catch (error) {
      if (!hasCode(error, 'SIGNATURES_MISSING')) throw error;
      unnamed += 1;
    }
  }
  return { renewed, unnamed };
}
