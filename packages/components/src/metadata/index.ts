/**
 * The rules of TUF (The Update Framework) for metadata: what may be believed of bytes that somebody sent. Promises to do no
 * I/O, to read no clock, and to refuse whatever it cannot verify; both the client and the publisher build on it.
 */
export { encodeCanonicalJson } from './canonical-json.ts';
export { isDelegated } from './delegated-path.ts';
export { isJsonObject, type JsonObject, type JsonValue, parseJson } from './json.ts';
export { metadataLimits } from './metadata-limits.ts';
export { keyIdOf, type PublicKey, toPublicKey } from './public-key.ts';
export { formatInstant, type HashName, hashNames, type Hashes } from './role-form.ts';
export {
  type Delegation,
  type MetadataFile,
  type RootMetadata,
  readRoot,
  readTargets,
  type SnapshotMetadata,
  type TargetFile,
  type TargetsMetadata,
  type TimestampMetadata,
  type TopLevelRole,
  topLevelRoles,
} from './role-metadata.ts';
export {
  findSigners,
  parseSignedMetadata,
  type RoleKeys,
  requireThreshold,
  type UnverifiedMetadata,
} from './signed-metadata.ts';
export {
  haveOnlineKeysChanged,
  isNamed,
  recallDelegated,
  recallSnapshot,
  recallTargets,
  recallTimestamp,
  requireFresh,
  requireFreshRoot,
  requireListed,
  requireTimestamp,
  type TrustedFile,
  type TrustedMetadata,
  trustRoot,
  updateRoot,
  updateSnapshot,
  updateTargets,
  updateTimestamp,
  verifyDelegated,
} from './trusted-metadata.ts';
