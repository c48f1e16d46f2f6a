/**
 * What a product remembers of its registration between starts. Losing it loses nothing but time: the server recognises the
 * key. The product's key, the server addresses and the pinned authority are kept by the product beside it.
 */
export interface McpState {
  readonly productNumber: number;
  readonly deviceId: string;
  readonly groupId: string;
  readonly groupPath: readonly string[];
  readonly receipt: string;
  /** Epoch of the last handshake; 0 before the first. */
  readonly epoch: number;
}

/** Where a product keeps its state: a file, a database, memory. */
export interface McpStateStore {
  load(): Promise<McpState | undefined>;
  /** Returns when the state is safe; a crash later does not lose it. */
  save(state: McpState): Promise<void>;
}
