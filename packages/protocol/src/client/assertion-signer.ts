/** What an assertion says, see docs/protocol.md, "Assertions". */
export interface AssertionContent {
  readonly purpose: 'registration' | 'handshake';
  readonly audience: string;
  readonly nonce: string;
  /** The exact text of the `request` member. */
  readonly request: string;
  /** Server time out of the challenge. */
  readonly issuedAtMs: number;
}

/**
 * Holds the product's key and speaks for it. An interface, because a key may lie in a file, a TPM or another process;
 * `@holdfast/trust` has one for a key in memory.
 */
export interface AssertionSigner {
  /** RFC 7638 thumbprint of the public key. */
  readonly thumbprint: string;
  /** Compact JWS. */
  signAssertion(content: AssertionContent): Promise<string>;
}
