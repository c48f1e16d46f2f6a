import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type LogEntry, type LogsAnswer, mcpPath } from '@holdfast/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { sql } from 'kysely';
import type { TestServer } from './test-server.ts';

/** Entries of a journal, one after the other. */
export function createEntries(first: number, count: number, more: Partial<LogEntry> = {}): LogEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    sequence: first + index,
    at: Date.parse('2026-11-22T07:00:00.000Z') + first + index,
    type: 'agent-started',
    severity: 'info' as const,
    text: `entry ${first + index}`,
    ...more,
  }));
}

export function createJournal(): string {
  return randomUUID();
}

/** One batch as a product sends it. */
export async function sendLogs(
  server: TestServer,
  productNumber: number,
  body: unknown,
  options: { readonly isPacked?: boolean } = {},
): Promise<LightMyRequestResponse> {
  const text = JSON.stringify(body);
  return await server.call(
    {
      method: 'POST',
      url: mcpPath.logs,
      headers: {
        'content-type': 'application/json',
        ...(options.isPacked === true ? { 'content-encoding': 'gzip' } : {}),
      },
      payload: options.isPacked === true ? gzipSync(text) : text,
    },
    server.actAsProduct(productNumber),
  );
}

/** The same; anything but success fails the test. @returns what was acknowledged */
export async function uploadLogs(
  server: TestServer,
  productNumber: number,
  journal: string,
  entries: readonly LogEntry[],
): Promise<number> {
  const answer = await sendLogs(server, productNumber, { journal, entries });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<LogsAnswer>().acknowledged;
}

/** Sequences of a journal in the order of writing, as the table holds them. */
export async function readSequences(
  server: TestServer,
  productNumber: number,
  journal: string,
): Promise<number[]> {
  const { rows } = await sql<{ sequence: number }>`
    select sequence from log_entry where product_number = ${productNumber} and journal = ${journal}::uuid order by id
  `.execute(server.database.db);
  return rows.map(({ sequence }) => sequence);
}

/** No entries, journals and allowances are left: for test files that share one server. */
export async function forgetLogs(server: TestServer): Promise<void> {
  await sql`truncate log_entry, log_journal, log_allowance`.execute(server.database.db);
}
