import { AppError } from '@holdfast/kernel';

export type ComponentErrorCode =
  // What a publisher says of a component or a release is not what a component can be.
  | 'COMPONENT_INVALID'
  | 'RELEASE_NOT_NEWER'
  // Signed metadata. Each is a refusal; none of them changes what is trusted.
  | 'METADATA_UNREADABLE'
  | 'METADATA_TOO_LARGE'
  | 'METADATA_UNSIGNED'
  | 'METADATA_EXPIRED'
  | 'METADATA_ROLLED_BACK'
  | 'METADATA_MISMATCHED'
  | 'METADATA_MISSING'
  | 'METADATA_STORE_EMPTY'
  // Files that metadata vouch for.
  | 'TARGET_UNKNOWN'
  | 'TARGET_MISSING'
  | 'TARGET_WRONG'
  | 'TARGET_DISK_FULL'
  // Where bytes come from.
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_REFUSED'
  | 'SOURCE_SLOW'
  // The repository as its publisher sees it.
  | 'REPOSITORY_NOT_FOUND'
  | 'REPOSITORY_EXISTS'
  | 'REPOSITORY_BUSY'
  | 'REPOSITORY_DAMAGED'
  | 'REPOSITORY_UNWRITABLE'
  | 'SIGNATURES_MISSING'
  | 'DRAFT_NOT_FOUND'
  | 'SIGNING_KEY_UNKNOWN'
  | 'SIGNING_KEY_UNREADABLE'
  | 'SIGNING_KEY_EXISTS'
  | 'PASSPHRASE_WRONG'
  | 'PASSPHRASE_TOO_SHORT';

/**
 * A refusal around components. Bytes that prove wrong and those who serve them are told apart by the code: `METADATA_…`
 * and `TARGET_WRONG` mean that what came is not what was signed; `SOURCE_…` that nothing usable came.
 */
export class ComponentError extends AppError<ComponentErrorCode> {}
