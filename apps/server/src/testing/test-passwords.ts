import { createHash } from 'node:crypto';
import { TrustError } from '@holdfast/trust';
import type { PasswordHashing } from '../modules/access/index.ts';

/** Keeps the manners of the real hashing and takes no time. Protects nothing. */
export const quickPasswordHashing: PasswordHashing = {
  hashPassword: async (password) => digest(password),
  verifyPassword: async (password, verifier) => {
    if (digest(password) !== verifier) throw new TrustError('PASSWORD_WRONG', 'The password is wrong.');
    return { needsRehash: false };
  },
  refuseUnknownAccount: async () => {
    throw new TrustError('PASSWORD_WRONG', 'The password is wrong.');
  },
};

function digest(password: string): string {
  return `test-only:${createHash('sha256').update(password).digest('base64url')}`;
}
