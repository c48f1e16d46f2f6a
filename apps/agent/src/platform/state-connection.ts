import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';

export interface StateStatement {
  run(...parameters: SQLInputValue[]): { readonly changes: number | bigint };
  get(...parameters: SQLInputValue[]): Record<string, SQLOutputValue> | undefined;
  all(...parameters: SQLInputValue[]): Record<string, SQLOutputValue>[];
  iterate(...parameters: SQLInputValue[]): Iterable<Record<string, SQLOutputValue>>;
}

/** What the agent uses of a connection to its state database. */
export interface StateConnection {
  readonly isOpen: boolean;
  readonly isTransaction: boolean;
  exec(statements: string): void;
  prepare(statement: string): StateStatement;
  close(): void;
}

/** A connection that can be replaced below those who use it: their statements are prepared anew when they are next run. */
export interface ReplaceableConnection extends StateConnection {
  replace(next: DatabaseSync): void;
}

export function createReplaceableConnection(first: DatabaseSync): ReplaceableConnection {
  let current = first;
  return {
    get isOpen() {
      return current.isOpen;
    },
    get isTransaction() {
      return current.isTransaction;
    },
    exec: (statements) => current.exec(statements),
    prepare: (statement) => {
      let owner = current;
      let prepared = owner.prepare(statement);
      const find = () => {
        if (owner !== current) {
          prepared = current.prepare(statement);
          owner = current;
        }
        return prepared;
      };
      return {
        run: (...parameters) => find().run(...parameters),
        get: (...parameters) => find().get(...parameters),
        all: (...parameters) => find().all(...parameters),
        iterate: (...parameters) => find().iterate(...parameters),
      };
    },
    close: () => current.close(),
    replace: (next) => {
      current = next;
    },
  };
}
