import { Agent, request } from 'node:https';
import type { ApiTransport, ApiTransportRequest, ApiTransportResponse } from '@holdfast/api';

/** More than any answer of the API that is not streamed. */
const maxAnswerBytes = 64 * 1024 * 1024;
const answerTimeoutMs = 60_000;

/** How a server is spoken with. */
export type OpenTransport = (
  server: string,
  authorityCertificate: string,
  apiKey: string,
) => ApiTransport & { close(): void };

/** Speaks HTTPS to one server, trusting exactly one certificate authority, host name checked. */
export function createHttpsTransport(
  server: string,
  authorityCertificate: string,
  apiKey: string,
): ApiTransport & { close(): void } {
  const agent = new Agent({ ca: authorityCertificate, keepAlive: true, maxSockets: 4 });
  const transport = (call: ApiTransportRequest): Promise<ApiTransportResponse> =>
    exchange(
      new URL(call.target, server),
      agent,
      { ...call.headers, authorization: `Bearer ${apiKey}` },
      call,
    );
  return Object.assign(transport, { close: () => agent.destroy() });
}

/** Streams an answer to `write`, and waits where that waits; for what does not fit into memory. Resolves with the status. */
export function streamAnswer(
  server: string,
  authorityCertificate: string,
  apiKey: string,
  target: string,
  write: (chunk: Buffer) => void | Promise<void>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      new URL(target, server),
      { ca: authorityCertificate, headers: { authorization: `Bearer ${apiKey}` }, timeout: answerTimeoutMs },
      (answer) => {
        writeAll(answer, write).then(() => resolve(answer.statusCode ?? 0), reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('No answer in time.')));
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** A `write` that throws ends the connection. */
async function writeAll(
  answer: AsyncIterable<Buffer>,
  write: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  for await (const chunk of answer) await write(chunk);
}

function exchange(
  url: URL,
  agent: Agent,
  headers: Record<string, string>,
  call: ApiTransportRequest,
): Promise<ApiTransportResponse> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        agent,
        method: call.method,
        headers,
        timeout: answerTimeoutMs,
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxAnswerBytes) outgoing.destroy(new Error('The answer is too large.'));
          else chunks.push(chunk);
        });
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            contentType: answer.headers['content-type'] ?? '',
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
        answer.on('error', reject);
      },
    );
    outgoing.on('timeout', () => outgoing.destroy(new Error('No answer in time.')));
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}
