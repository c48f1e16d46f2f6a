/**
 * Stands in for TypeBox in the browser. The routes of the contract carry schemas for the server; the client needs
 * only their method and path, so the schemas are empty here and their builder stays out of the bundle.
 */
export const Type: Record<string, () => Record<string, never>> = new Proxy(
  {},
  { get: () => (): Record<string, never> => ({}) },
);
