import type { SecureVersion } from 'node:tls';
import { encodeHex } from '@holdfast/kernel';
import type { LanKey } from '../lan/lan-key.ts';

/**
 * TLS 1.2 with a pre-shared key (RFC 4279, RFC 5489, RFC 7905), and nothing else: whoever has the LAN key is a member, both sides
 * prove it, and what was recorded stays secret when the key becomes known. TLS 1.3 is left out because a server of TLS 1.3 may fall back to
 * a certificate, which here proves nothing.
 */
export const lanTls: {
  readonly ciphers: string;
  readonly minVersion: SecureVersion;
  readonly maxVersion: SecureVersion;
} = { ciphers: 'ECDHE-PSK-CHACHA20-POLY1305', minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };

/** The identity names the key and says nothing about who uses it. */
export function pskIdentityOf({ id }: LanKey): string {
  return encodeHex(id);
}
