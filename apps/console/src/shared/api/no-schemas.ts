/**
 * Stands in for TypeBox in the browser. The routes of the contract carry schemas for the server; the client needs
 * only their method and path, so the schemas are empty here and their builder stays out of the bundle. A schema has
 * `properties` all the same, because the contract builds schemas from parts of others.
 */
interface NoSchema {
  readonly properties: Readonly<Record<string, never>>;
}

const noSchema: NoSchema = { properties: {} };

export const Type: Record<string, () => NoSchema> = new Proxy({}, { get: () => (): NoSchema => noSchema });
