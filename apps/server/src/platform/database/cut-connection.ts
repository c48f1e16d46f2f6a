import type { ClientBase } from 'pg';

/**
 * Closes a connection without the usual farewell, which a frozen server never answers. Statements in
 * flight end as lost.
 */
export function cutConnection(client: ClientBase): void {
  // The driver keeps its socket in a member that its types leave out.
  const { connection } = client as unknown as {
    readonly connection?: { readonly stream?: { destroy(): void } };
  };
  connection?.stream?.destroy();
}
