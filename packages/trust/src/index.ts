/**
 * Proofs: product keys and their assertions, passwords, secrets, and the values that the server seals for later. Promises to do
 * no I/O and to read no clock: bytes, bounds and `now` are parameters; randomness comes from the runtime's
 * cryptographic source. Promises that every slow hash runs on the thread pool. Does not decide who may do what.
 * Certificates stand apart in `@holdfast/trust/certificates`, because the library behind them is large and no agent needs it.
 */
export {
  type AccessTokenContent,
  createAccessToken,
  type VerifiedAccessToken,
  verifyAccessToken,
} from './access-token.ts';
export {
  type AssertionContent,
  type AssertionExpectation,
  AssertionPurpose,
  type AssertionSigner,
  createAssertionSigner,
  formatAudience,
  parseAssertion,
  type ReceivedAssertion,
  signAssertion,
  type VerifiedAssertion,
  verifyAssertion,
} from './assertion.ts';
export { createChallenge, type VerifiedChallenge, verifyChallenge } from './challenge.ts';
export { deriveKey, KeyLabel } from './key-derivation.ts';
export {
  hashPassword,
  PasswordAlgorithm,
  refuseUnknownAccount,
  type VerifiedPassword,
  verifyPassword,
} from './password.ts';
export {
  calculateThumbprint,
  createProductKey,
  exportProductKey,
  importProductKey,
  parsePublicJwk,
  type ProductKey,
  type PublicJwk,
} from './product-key.ts';
export { type ReceiptContent, sealReceipt, type VerifiedReceipt, verifyReceipt } from './sealed-receipt.ts';
export { openSecret, sealSecret } from './sealed-secret.ts';
export { createSecret, hashSecret, isSecretOfHash, Secret } from './secret.ts';
export { TrustError, type TrustErrorCode } from './trust.errors.ts';
