/** One call with its answer. */
export interface RecordedCall {
  readonly kind: 'call';
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly status: number;
  readonly answerHeaders: Readonly<Record<string, string>>;
  /** Empty for the stream of notifications: what it brought are datagrams. */
  readonly answer: Buffer;
}

export interface RecordedDatagram {
  readonly kind: 'datagram';
  readonly way: 'udp' | 'tcp' | 'stream';
  readonly from: 'product' | 'server';
  readonly bytes: Buffer;
}

export type WireRecord = RecordedCall | RecordedDatagram;

/** As `tools/record-release/recorded-network.mjs` wrote it. */
export function parseWireRecord(value: unknown): WireRecord {
  const record = value as Record<string, unknown>;
  if (record['kind'] === 'datagram') {
    const { way, from, bytes } = record as { way: 'udp'; from: 'product'; bytes: string };
    return { kind: 'datagram', way, from, bytes: Buffer.from(bytes, 'hex') };
  }
  if (record['kind'] !== 'call') throw new Error(`This is no record of the wire: ${JSON.stringify(value)}`);
  const {
    body = '',
    answer = '',
    ...call
  } = record as unknown as Omit<RecordedCall, 'body' | 'answer'> & {
    readonly body?: string;
    readonly answer?: string;
  };
  return { ...call, body: Buffer.from(body, 'base64'), answer: Buffer.from(answer, 'base64') };
}
