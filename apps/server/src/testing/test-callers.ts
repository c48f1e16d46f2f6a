import { type Permission, permissions as allPermissions } from '@holdfast/api';
import type { ProductActor, Scope, SignedInActor } from '../platform/access/actor.ts';
import type { Authentication } from '../platform/access/authentication.ts';

/** Headers that make a request come from a certain caller. */
export type CallerHeaders = Readonly<Record<string, string>>;

/** Callers without accounts: a test says what they may do and where. */
export interface TestCallers {
  /** An API key with these permissions (all unless told) and this scope (everything unless told). */
  actAs(options?: { readonly permissions?: readonly Permission[]; readonly scope?: Scope }): CallerHeaders;
  actAsProduct(productNumber: number, epoch?: number): CallerHeaders;
  readonly wrap: (authentication: Authentication) => Authentication;
}

export function createTestCallers(createId: () => string): TestCallers {
  const keys = new Map<string, SignedInActor>();
  const products = new Map<string, ProductActor>();
  return {
    actAs(options = {}) {
      const id = createId();
      keys.set(`test-${id}`, {
        kind: 'api-key',
        id,
        name: 'test caller',
        permissions: new Set(options.permissions ?? allPermissions),
        scope: options.scope ?? 'everything',
      });
      return { authorization: `Bearer test-${id}` };
    },
    actAsProduct(productNumber, epoch = 1) {
      const token = `test-product-${productNumber}-${epoch}`;
      products.set(token, { kind: 'product', productNumber, epoch });
      return { authorization: `Bearer ${token}` };
    },
    wrap: (authentication) => ({
      authenticateSession: async (token, request) => await authentication.authenticateSession(token, request),
      authenticateApiKey: async (key, request) =>
        keys.get(key) ?? (await authentication.authenticateApiKey(key, request)),
      authenticateProduct: async (token, request) =>
        products.get(token) ?? (await authentication.authenticateProduct(token, request)),
    }),
  };
}
