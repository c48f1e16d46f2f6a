import { EncryptionState } from './inventory-facts.ts';

/**
 * State of a disk from the states of its parts. The caller leaves out what a disk needs to start a system (boot
 * loader, EFI and `/boot` volumes), because no product encrypts those.
 *
 * One encrypted part beside one that is not says "partly", whatever the rest is. An unknown part otherwise makes the whole
 * unknown: "encrypted" must be a fact.
 */
export function combineEncryption(parts: readonly EncryptionState[]): EncryptionState {
  const has = (state: EncryptionState) => parts.includes(state);
  if (has('partly-encrypted') || (has('encrypted') && has('not-encrypted'))) {
    return EncryptionState.partlyEncrypted;
  }
  if (parts.length === 0 || has('unknown')) return EncryptionState.unknown;
  return has('encrypted') ? EncryptionState.encrypted : EncryptionState.notEncrypted;
}
