/**
 * What an authority signs to name the one that follows it (ES256, the key of its own certificate). The text can be nothing else that
 * the key signs: certificates are DER.
 *
 * @param fingerprint base64url SHA-256 of the DER of the certificate that follows
 */
export function formatSuccession(fingerprint: string): string {
  return `holdfast authority succession v1 ${fingerprint}`;
}
