import type { KeyObject } from 'node:crypto';
import { createRepository, toSigningKey } from '@holdfast/components/repository';
import { type Clock, hasCode } from '@holdfast/kernel';

export interface RenewedFolder {
  /** Of its source. */
  readonly name: string;
  readonly folder: string;
  readonly key: KeyObject;
}

export interface RenewalFailure {
  readonly name: string;
  /** Mostly a ComponentError REPOSITORY_BUSY, REPOSITORY_DAMAGED, REPOSITORY_UNWRITABLE or REPOSITORY_NOT_FOUND. */
  readonly error: unknown;
}

export interface RenewalOutcome {
  readonly renewed: number;
  readonly unnamed: number;
  readonly failures: readonly RenewalFailure[];
}

/**
 * Renews what the online roles sign in folders, so that devices go on believing that what they have is the newest. A root that
 * does not name the server's key yet is no failure: its publisher has not come to it. A folder that fails keeps none of the others
 * from being renewed.
 */
export async function renewRepositories(
  folders: readonly RenewedFolder[],
  { clock, signal }: { readonly clock: Pick<Clock, 'now'>; readonly signal: AbortSignal },
): Promise<RenewalOutcome> {
  let renewed = 0;
  let unnamed = 0;
  const failures: RenewalFailure[] = [];
  for (const { name, folder, key } of folders) {
    signal.throwIfAborted();
    try {
      await createRepository({ folder, clock }).refresh([toSigningKey(key)]);
      renewed += 1;
    } catch (error) {
      if (hasCode(error, 'SIGNATURES_MISSING')) unnamed += 1;
      else failures.push({ name, error });
    }
  }
  return { renewed, unnamed, failures };
}
