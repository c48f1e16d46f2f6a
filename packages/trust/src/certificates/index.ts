/**
 * Certificates: the server's own authority, the server certificates it issues, and the check of an administrator's own
 * certificate. Promises to do no I/O and to read no clock. It does not keep keys and does not revoke: server certificates are
 * short-lived and replaced by the server itself. For the server and tests; agents only pin what they are given.
 */
export { type CertificateFacts, calculateFingerprint, readCertificateFacts } from './certificate-facts.ts';
export {
  type CertifiedKey,
  createCertificateAuthority,
  issueServerCertificate,
  isRenewalDue,
} from './certificate-authority.ts';
export { CertificateError, type CertificateErrorCode } from './certificate.errors.ts';
export { type VerifiedServerCertificate, verifySuppliedCertificate } from './supplied-certificate.ts';
