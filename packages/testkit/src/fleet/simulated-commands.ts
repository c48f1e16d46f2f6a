import type { Command, CommandReport } from '@holdfast/protocol';

/** Commands after which a product begins a new session. */
const HANDSHAKE_COMMANDS: ReadonlySet<string> = new Set(['handshake-again', 'restart-agent']);

/** What a product makes of the commands that a claim brought. */
export interface ObeyedCommands {
  readonly reports: readonly CommandReport[];
  readonly begun: number;
  /** Delivered again: they are reported again, and not begun. */
  readonly again: number;
  readonly needsHandshake: boolean;
}

/**
 * Obeys commands by reporting them as done. Invariant: no command is begun twice, and none after its end.
 *
 * @param begun ids of all commands that were begun, to which the new ones are added
 * @param clock server time decides what has expired; the product's own wall time stands in its reports
 */
export function obeyCommands(
  commands: readonly Command[],
  begun: Set<string>,
  clock: { readonly serverNowMs: number; readonly productNowMs: number },
): ObeyedCommands {
  const inTime = commands.filter(({ expiresAt }) => expiresAt > clock.serverNowMs);
  const fresh = inTime.filter(({ id }) => !begun.has(id));
  for (const { id } of fresh) begun.add(id);
  return {
    reports: inTime.map(({ id }) => ({
      commandId: id,
      state: 'succeeded',
      at: Math.max(0, Math.floor(clock.productNowMs)),
      result: { simulated: true },
    })),
    begun: fresh.length,
    again: inTime.length - fresh.length,
    needsHandshake: fresh.some(({ type }) => HANDSHAKE_COMMANDS.has(type)),
  };
}
