import type { RequestFacts } from '../http/route-registrar.ts';
import type { KnownActor, ProductActor, SignedInActor } from './actor.ts';

/**
 * How callers become known. The HTTP layer finds the credential in the request and asks here; modules answer.
 * Each method throws an `AccessError` (`NOT_SIGNED_IN`, `SESSION_EXPIRED`, `ACCESS_TOKEN_INVALID`,
 * `ACCESS_TOKEN_EXPIRED`) for a credential that proves nobody; there is no other way to say no.
 */
export interface Authentication {
  /** @param token value of the cookie {@link SESSION_COOKIE} */
  authenticateSession(token: string, request: RequestFacts): Promise<SignedInActor>;
  /** @param key what follows `Bearer` on a route of the API: `hfk_…` */
  authenticateApiKey(key: string, request: RequestFacts): Promise<SignedInActor>;
  /** @param accessToken what follows `Bearer` on a route of managed products */
  authenticateProduct(accessToken: string, request: RequestFacts): Promise<ProductActor>;
  /** The same caller with what it may now, for what happens some time after it was known; a caller that has ended meanwhile proves nobody. */
  lookAgain(actor: KnownActor): Promise<KnownActor>;
}

/** The prefix makes browsers insist on `Secure`, `Path=/` and no `Domain`. */
export const SESSION_COOKIE = '__Host-holdfast';

/** Carries the CSRF token of the session with every write of a browser. */
export const CSRF_HEADER = 'x-csrf-token';
