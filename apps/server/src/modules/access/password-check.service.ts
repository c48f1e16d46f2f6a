import { AccessError } from '../../platform/access/access.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Credentials } from './credentials.service.ts';
import { assertUsable, createInvalidLinkError } from './one-time-link-use.ts';
import { findOneTimeLink } from './one-time-links.store.ts';
import type { PasswordStrength } from './password-strength.ts';
import type { PasswordWork } from './password-work.ts';
import { hashSecret, isOpaqueSecret } from './secret-text.ts';

export interface PasswordCheckParts {
  readonly platform: Pick<Platform, 'database' | 'clock'>;
  readonly passwords: PasswordWork;
  readonly credentials: Pick<Credentials, 'authenticateSession'>;
  readonly knownWords: readonly string[];
}

/** Says how strong a password would be, to whoever is about to choose one: the estimate is work, and not for everybody. */
export class PasswordCheckService {
  readonly #parts: PasswordCheckParts;

  constructor(parts: PasswordCheckParts) {
    this.#parts = parts;
  }

  /**
   * @param sessionToken of the browser's cookie
   * @throws AccessError NOT_SIGNED_IN, SESSION_EXPIRED; AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED, SIGN_IN_BUSY
   */
  async check(
    input: {
      readonly password: string;
      readonly name?: string | undefined;
      readonly secret?: string | undefined;
    },
    sessionToken: string | undefined,
  ): Promise<PasswordStrength> {
    await this.#requireReason(input.secret, sessionToken);
    return await this.#parts.passwords.estimate(input.password, [
      input.name ?? '',
      ...this.#parts.knownWords,
    ]);
  }

  async #requireReason(secret: string | undefined, sessionToken: string | undefined): Promise<void> {
    const { credentials, platform } = this.#parts;
    if (secret !== undefined) {
      if (!isOpaqueSecret(secret)) throw createInvalidLinkError();
      const link = await findOneTimeLink(platform.database, hashSecret(secret));
      if (link === undefined) throw createInvalidLinkError();
      assertUsable(link, link.kind, platform.clock.now());
      return;
    }
    if (sessionToken === undefined || sessionToken === '') {
      throw new AccessError('NOT_SIGNED_IN', 'This needs an open one-time link or a session.', {
        remedy: 'Sign in, or open the link with which the password is chosen.',
      });
    }
    await credentials.authenticateSession(sessionToken);
  }
}
