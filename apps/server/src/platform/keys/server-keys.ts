import type { KeyObject } from 'node:crypto';

/** Secrets and certificates of the server, read from HOLDFAST_HOME/keys at start. */
export interface ServerKeys {
  /** 256 bits; every other symmetric key is derived from it under its own label. */
  readonly masterKey: KeyObject;
  /** Certificate authority that agents pin, PEM. */
  readonly authorityCertificate: string;
  /** SHA-256 of the authority's DER, base64url: goes into enrolment tokens and is the audience of assertions. */
  readonly authorityFingerprint: string;
}
