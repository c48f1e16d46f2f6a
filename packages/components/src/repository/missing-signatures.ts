import { ComponentError } from '../component.errors.ts';
import { findSigners, type PublicKey, type RoleKeys, type UnverifiedMetadata } from '../metadata/index.ts';

/** What a role still lacks before its metadata count. */
export interface MissingSignatures {
  readonly role: string;
  readonly valid: number;
  readonly needed: number;
  /** Those that have not signed yet. */
  readonly keyIds: readonly string[];
}

/** `undefined` when the threshold is reached. */
export function findMissing(
  role: string,
  metadata: UnverifiedMetadata,
  keys: RoleKeys,
  known: ReadonlyMap<string, PublicKey>,
): MissingSignatures | undefined {
  const signers = findSigners(metadata, keys, known);
  if (signers.length >= keys.threshold) return undefined;
  const signed = new Set(signers.map(({ id }) => id));
  return {
    role,
    valid: signers.length,
    needed: keys.threshold,
    keyIds: keys.keyIds.filter((id) => !signed.has(id)),
  };
}

export function signaturesMissing(missing: readonly MissingSignatures[]): ComponentError {
  const [first] = missing;
  return new ComponentError(
    'SIGNATURES_MISSING',
    `The ${first?.role ?? ''} metadata need ${first?.needed ?? 0} signatures and have ${first?.valid ?? 0}.`,
    {
      facts: { roles: missing.map(({ role }) => role) },
      remedy: 'Give the keys of this role, with --key.',
    },
  );
}
