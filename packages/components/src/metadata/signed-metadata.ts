import { ComponentError } from '../component.errors.ts';
import { encodeCanonicalJson } from './canonical-json.ts';
import { isJsonObject, type JsonObject, parseJson } from './json.ts';
import { metadataLimits } from './metadata-limits.ts';
import type { PublicKey } from './public-key.ts';
import { readList, readObject, unreadable } from './role-form.ts';

/** Metadata as they came: what they say has not been believed yet. */
export interface UnverifiedMetadata {
  readonly bytes: Uint8Array;
  readonly signed: JsonObject;
  /** What the signatures are over: the canonical form of everything that came in `signed`, unknown members included. */
  readonly signedBytes: Uint8Array;
  readonly signatures: ReadonlyMap<string, Uint8Array>;
}

/** Whose signatures a role wants. */
export interface RoleKeys {
  readonly keyIds: readonly string[];
  readonly threshold: number;
}

const MAX_SIGNATURE_DIGITS = 4096;

/** @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE */
export function parseSignedMetadata(bytes: Uint8Array, maxBytes: number): UnverifiedMetadata {
  if (bytes.length > maxBytes)
    throw new ComponentError('METADATA_TOO_LARGE', `The metadata have more than ${maxBytes} bytes.`);
  const envelope = parseJson(bytes);
  if (!isJsonObject(envelope)) throw unreadable('they are no object');
  const signed = readObject(envelope, 'signed');
  const signatures = new Map<string, Uint8Array>();
  for (const entry of readList(envelope, 'signatures', metadataLimits.signaturesPerFile)) {
    if (!isJsonObject(entry)) throw unreadable('a signature is no object');
    const { keyid, sig } = entry;
    if (typeof keyid !== 'string' || typeof sig !== 'string' || sig.length > MAX_SIGNATURE_DIGITS)
      throw unreadable('a signature has no key or no value');
    // Specification 4.2.1: several signatures with the same key id are not allowed.
    if (signatures.has(keyid)) throw unreadable('one key has signed twice');
    // Some tools leave a place free for a signature that is still to come.
    signatures.set(keyid, /^(?:[0-9a-fA-F]{2})*$/.test(sig) ? Buffer.from(sig, 'hex') : new Uint8Array());
  }
  return { bytes, signed, signedBytes: encodeCanonicalJson(signed), signatures };
}

/** The keys of a role that have signed. A key that stands under two ids has signed once. */
export function findSigners(
  metadata: UnverifiedMetadata,
  role: RoleKeys,
  keys: ReadonlyMap<string, PublicKey>,
): readonly PublicKey[] {
  const signers = new Map<string, PublicKey>();
  for (const id of role.keyIds) {
    const key = keys.get(id);
    const signature = metadata.signatures.get(id);
    if (key?.fingerprint === undefined || signature === undefined || signers.has(key.fingerprint)) continue;
    if (key.isSignedBy(signature, metadata.signedBytes)) signers.set(key.fingerprint, key);
  }
  return [...signers.values()];
}

/**
 * Refuses what a threshold of a role's keys has not signed (specification 5.3.4, 5.4.2, 5.5.3, 5.6.3).
 *
 * @throws ComponentError METADATA_UNSIGNED
 */
export function requireThreshold(
  name: string,
  metadata: UnverifiedMetadata,
  role: RoleKeys,
  keys: ReadonlyMap<string, PublicKey>,
): void {
  const count = findSigners(metadata, role, keys).length;
  if (!(role.threshold >= 1 && count >= role.threshold)) {
    throw new ComponentError(
      'METADATA_UNSIGNED',
      `The ${name} metadata have ${count} valid signatures and need ${role.threshold}.`,
      { facts: { role: name, valid: count, needed: role.threshold } },
    );
  }
}
