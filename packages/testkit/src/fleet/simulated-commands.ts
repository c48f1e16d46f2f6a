import type { ClaimAnswer, CommandReport } from '@holdfast/protocol';

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
 * Obeys commands by reporting them as done at once, so there is nothing to end: what the server names is done, or was never begun.
 * Invariant: no command is begun twice, and none after its end.
 *
 * @param begun ids of all commands that were begun, to which the new ones are added
 * @param clock server time decides what has expired; the product's own wall time stands in its reports
 */
export function obeyCommands(
  { commands, cancel = [] }: ClaimAnswer,
  begun: Set<string>,
  clock: { readonly serverNowMs: number; readonly productNowMs: number },
): ObeyedCommands {
  const inTime = commands.filter(({ expiresAt }) => expiresAt > clock.serverNowMs);
  const fresh = inTime.filter(({ id }) => !begun.has(id));
  for (const { id } of fresh) begun.add(id);
  const at = Math.max(0, Math.floor(clock.productNowMs));
  const report = (commandId: string): CommandReport =>
    begun.has(commandId)
      ? { commandId, state: 'succeeded', at, result: { simulated: true } }
      : { commandId, state: 'cancelled', at };
  return {
    reports: [...inTime.map(({ id }) => id), ...cancel].map(report),
    begun: fresh.length,
    again: inTime.length - fresh.length,
    needsHandshake: fresh.some(({ type }) => HANDSHAKE_COMMANDS.has(type)),
  };
}
