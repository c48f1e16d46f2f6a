import type { KeyObject } from 'node:crypto';
import type { AuthorityKeeper } from './authority-keeper.ts';

/** Secrets and certificates of the server, read from HOLDFAST_HOME/keys at start. */
export interface ServerKeys {
  /** 256 bits; every other symmetric key is derived from it under its own label. */
  readonly masterKey: KeyObject;
  /** What products pin. Its present fingerprint goes into enrolment tokens; it changes while the server runs. */
  readonly authorities: AuthorityKeeper;
}
