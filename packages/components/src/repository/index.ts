/**
 * The publisher's side of a repository of components: a folder of signed metadata and files. Promises that whoever reads the
 * folder sees a whole state, before, during and after a change, and that nothing becomes public before enough keys have
 * signed it. Does not keep private keys: whoever calls brings them.
 */
export { defaultLifetimesMs, type Lifetimes, type RoleName, type RoleSetting } from './metadata-writing.ts';
export type { MissingSignatures } from './missing-signatures.ts';
export type { PublishedVersions } from './publication.ts';
export {
  createRepository,
  type KeyRotation,
  type NewRepository,
  type ReleaseToPublish,
  type Repository,
  type RepositoryNeeds,
} from './repository.ts';
export {
  readRepository,
  type RepositoryFinding,
  type RepositorySummary,
  type RoleSummary,
  verifyRepository,
} from './repository-check.ts';
export type { ChangeOutcome } from './settlement.ts';
export {
  formatSigningKey,
  generateSigningKey,
  parsePublicPem,
  parseSigningKey,
  type SigningKey,
  toSigningKey,
} from './signing-key.ts';
export { keptReleases, type MakeIncrement } from './target-writing.ts';
