import { type Permission, permissions as allPermissions } from '@holdfast/api';
import type { KnownActor, ProductActor, SignedInActor } from '../platform/access/actor.ts';
import { type Grant, Grants, type Places } from '../platform/access/grants.ts';
import type { Authentication } from '../platform/access/authentication.ts';

/** Headers that make a request come from a certain caller. */
export type CallerHeaders = Readonly<Record<string, string>>;

export interface CallerOptions {
  readonly permissions?: readonly Permission[];
  readonly scope?: Places;
  readonly grants?: readonly Grant[];
}

/** Callers without accounts: a test says what they may do and where. */
export interface TestCallers {
  /** An API key with these grants, or with these permissions (all unless told) at these places (everything unless told). */
  actAs(options?: CallerOptions): CallerHeaders;
  actAsProduct(productNumber: number, epoch?: number): CallerHeaders;
  readonly wrap: (authentication: Authentication) => Authentication;
}

export function createTestCallers(createId: () => string): TestCallers {
  const keys = new Map<string, SignedInActor>();
  const products = new Map<string, ProductActor>();
  const planted = new Set<KnownActor>();
  return {
    actAs(options = {}) {
      const id = createId();
      const grants = new Grants(options.grants ?? listGrants(options));
      const key: SignedInActor = { kind: 'api-key', id, name: 'test caller', isForTime: false, grants };
      keys.set(`test-${id}`, key);
      planted.add(key);
      return { authorization: `Bearer test-${id}` };
    },
    actAsProduct(productNumber, epoch = 1) {
      const token = `test-product-${productNumber}-${epoch}`;
      const product: ProductActor = { kind: 'product', productNumber, epoch };
      products.set(token, product);
      planted.add(product);
      return { authorization: `Bearer ${token}` };
    },
    wrap: (authentication) => ({
      authenticateSession: async (token, request) => await authentication.authenticateSession(token, request),
      authenticateApiKey: async (key, request) =>
        keys.get(key) ?? (await authentication.authenticateApiKey(key, request)),
      authenticateProduct: async (token, request) =>
        products.get(token) ?? (await authentication.authenticateProduct(token, request)),
      lookAgain: async (actor) => (planted.has(actor) ? actor : await authentication.lookAgain(actor)),
    }),
  };
}

/** The same permissions at each of these places. */
export function listGrants({ permissions = allPermissions, scope = 'everything' }: CallerOptions): Grant[] {
  const groupIds = scope === 'everything' ? [null] : [...scope];
  return groupIds.map((groupId) => ({ permissions: new Set(permissions), groupId }));
}
