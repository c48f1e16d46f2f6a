/**
 * PostgreSQL's COPY as streams. The driver carries the messages of COPY but offers no interface to them; a
 * "submittable" is its own way to let others speak the protocol. Both directions hold back when the other
 * side is slow, so that a table of any size passes through a small memory.
 */
import { Readable, Writable } from 'node:stream';
import { callbackify } from 'node:util';
import type { ClientBase, Submittable } from 'pg';

/** The part of the driver's connection that COPY needs; its types leave this out. */
interface CopyConnection {
  readonly stream: {
    write(data: Uint8Array): boolean;
    once(event: 'drain', listener: () => void): void;
    pause(): void;
    resume(): void;
  };
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

interface CommandComplete {
  readonly text: string;
}

abstract class CopyQuery implements Submittable {
  readonly text: string;
  /** The driver keeps its own callback here. */
  callback: undefined | ((error: Error) => void) = undefined;
  rowCount = 0;
  protected connection: CopyConnection | undefined;

  constructor(text: string) {
    this.text = text;
  }

  submit(connection: unknown): void {
    this.connection = connection as CopyConnection;
    this.connection.query(this.text);
  }

  handleCommandComplete(message: CommandComplete): void {
    this.rowCount = Number(/^COPY (?<rows>\d+)$/.exec(message.text)?.groups?.['rows'] ?? 0);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  abstract handleCopyInResponse(connection: CopyConnection): void;
  abstract handleCopyData(message: { readonly chunk: Buffer }): void;
  abstract handleError(error: Error): void;
  abstract handleReadyForQuery(): void;
}

class CopyOutQuery extends CopyQuery {
  readonly output: Readable;

  constructor(text: string) {
    super(text);
    this.output = new Readable({ read: () => this.connection?.stream.resume() });
  }

  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFail('this statement reads');
  }

  handleCopyData(message: { readonly chunk: Buffer }): void {
    // The chunk is a window into the driver's buffer, which is used again.
    if (!this.output.push(Buffer.from(message.chunk))) this.connection?.stream.pause();
  }

  handleError(error: Error): void {
    this.connection?.stream.resume();
    this.output.destroy(error);
  }

  handleReadyForQuery(): void {
    this.output.push(null);
  }
}

class CopyInQuery extends CopyQuery {
  readonly input: Writable;
  readonly #ready = Promise.withResolvers<CopyConnection>();
  readonly #done = Promise.withResolvers<void>();

  constructor(text: string) {
    super(text);
    // Both are awaited by the writer; an error that arrives before is not unhandled.
    this.#ready.promise.catch(() => {});
    this.#done.promise.catch(() => {});
    this.input = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        callbackify(async () => await this.#send(chunk))((error) => callback(error));
      },
      final: (callback) => {
        callbackify(async () => await this.#finish())((error) => callback(error));
      },
      destroy: (error, callback) => {
        if (error !== null)
          this.#ready.promise.then(
            (connection) => connection.sendCopyFail('given up'),
            () => {},
          );
        callback(error);
      },
    });
  }

  async #send(chunk: Buffer): Promise<void> {
    const connection = await this.#ready.promise;
    connection.sendCopyFromChunk(chunk);
    // An empty write changes nothing and says whether the socket is full.
    if (connection.stream.write(new Uint8Array(0))) return;
    await new Promise<void>((resolve) => connection.stream.once('drain', resolve));
  }

  async #finish(): Promise<void> {
    (await this.#ready.promise).endCopyFrom();
    await this.#done.promise;
  }

  handleCopyInResponse(connection: CopyConnection): void {
    this.#ready.resolve(connection);
  }

  handleCopyData(): void {}

  handleError(error: Error): void {
    this.#ready.reject(error);
    this.#done.reject(error);
    if (!this.input.writableEnded) this.input.destroy(error);
  }

  handleReadyForQuery(): void {
    this.#done.resolve();
  }
}

/** What `copy … to stdout` yields; `rowCount` is right once the stream has ended. */
export function copyOut(
  client: ClientBase,
  statement: string,
): { readonly output: Readable; rowCount(): number } {
  const query = new CopyOutQuery(statement);
  client.query(query);
  return { output: query.output, rowCount: () => query.rowCount };
}

/** Takes what `copy … from stdin` reads; it has finished when every row is in. */
export function copyIn(
  client: ClientBase,
  statement: string,
): { readonly input: Writable; rowCount(): number } {
  const query = new CopyInQuery(statement);
  client.query(query);
  return { input: query.input, rowCount: () => query.rowCount };
}

/** How values are written as text differs by session; both sides of a backup speak this dialect. */
export const COPY_DIALECT = `set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres'; set extra_float_digits = 1;
  set bytea_output = 'hex'; set timezone = 'UTC'`;
