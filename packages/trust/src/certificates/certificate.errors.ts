import { AppError } from '@holdfast/kernel';

export type CertificateErrorCode =
  | 'CERTIFICATE_UNREADABLE'
  | 'CERTIFICATE_NAME_INVALID'
  | 'CERTIFICATE_NAME_MISSING'
  | 'CERTIFICATE_KEY_UNREADABLE'
  | 'CERTIFICATE_KEY_MISMATCH'
  | 'CERTIFICATE_KEY_WEAK'
  | 'CERTIFICATE_EXPIRED'
  | 'CERTIFICATE_NOT_YET_VALID'
  | 'CERTIFICATE_CHAIN_BROKEN'
  | 'AUTHORITY_UNREADABLE'
  | 'AUTHORITY_NOT_AN_AUTHORITY';

/** A certificate or key that cannot be used, in words for the administrator who supplied it. */
export class CertificateError extends AppError<CertificateErrorCode> {}
