import assert from 'node:assert/strict';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import type { FakeMcpServer, FakeProduct } from '@holdfast/testkit';
import { type CommandHandler, OnRestart } from '../modules/commands/index.ts';
import { defineTestCommand } from './test-command.ts';

let counter = 0;

/** A command for the product, of which it learns with its next heartbeat. @returns its id */
export function orderCommand(
  server: FakeMcpServer,
  type: string,
  expiresInMs = 3_600_000,
  parameters: Readonly<Record<string, unknown>> = {},
): string {
  counter++;
  const id = createUuidV7(
    systemClock.now(),
    Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, counter >> 8, counter & 0xff),
  );
  const issuedAt = systemClock.now() + server.state.clockAheadMs;
  server.state.commands.push({
    id,
    type,
    parameters: { ...parameters },
    issuedAt,
    expiresAt: issuedAt + expiresInMs,
  });
  server.state.commandsWait = true;
  return id;
}

export function productOf(server: FakeMcpServer): FakeProduct {
  const [product] = server.state.products.values();
  assert.ok(product);
  return product;
}

export function countHandler(counted: string[], onRestart: OnRestart = OnRestart.repeat): CommandHandler {
  return {
    definition: defineTestCommand('count'),
    onRestart,
    run: async ({ commandId }) => {
      counted.push(commandId);
      return { detail: 'Counted.' };
    },
  };
}

export const finalReports = (server: FakeMcpServer, id: string) =>
  server.state.reportLog.filter(
    ({ commandId, state }) =>
      commandId === id && (state === 'succeeded' || state === 'failed' || state === 'cancelled'),
  );
