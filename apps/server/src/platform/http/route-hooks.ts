import type {
  onRequestHookHandler,
  onResponseHookHandler,
  preHandlerHookHandler,
  preValidationHookHandler,
  RouteOptions,
} from 'fastify';

interface RouteHooks {
  readonly onRequest: onRequestHookHandler;
  readonly preValidation: preValidationHookHandler;
  readonly preHandler: preHandlerHookHandler;
  readonly onResponse: onResponseHookHandler;
}

/**
 * Adds a hook to one route, after those that were added so. Such a hook knows its route's declaration from the start;
 * asking each request for it costs more than all else that a hook does.
 */
export function addRouteHook<Name extends keyof RouteHooks>(
  route: RouteOptions,
  name: Name,
  hook: RouteHooks[Name],
): void {
  const existing = route[name] as RouteHooks[Name] | RouteHooks[Name][] | undefined;
  // The framework's type of each hook list is its own; all of them are lists of that hook.
  (route as Record<Name, unknown>)[name] = existing === undefined ? [hook] : [...[existing].flat(), hook];
}
