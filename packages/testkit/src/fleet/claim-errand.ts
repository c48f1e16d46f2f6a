import { limits } from '@holdfast/protocol';
import type { FleetCalls } from './fleet-calls.ts';
import type { FleetCounts } from './fleet-counts.ts';
import type { ProductEvent } from './product-state.ts';
import { obeyCommands } from './simulated-commands.ts';

/** Claims, obeys and reports for all products. Remembers what each has begun. */
export class ClaimErrands {
  readonly #calls: FleetCalls;
  readonly #counts: FleetCounts;
  readonly #begun = new Map<number, Set<string>>();

  constructor(calls: FleetCalls, counts: FleetCounts) {
    this.#calls = calls;
    this.#counts = counts;
  }

  async run(
    index: number,
    accessToken: string,
    readClock: () => { readonly serverNowMs: number; readonly productNowMs: number },
  ): Promise<ProductEvent> {
    const commands = await this.#calls.claimCommands(index, accessToken);
    const begun = this.#begun.get(index) ?? new Set<string>();
    const obeyed = obeyCommands(commands, begun, readClock());
    if (begun.size > 0) this.#begun.set(index, begun);
    this.#counts.commandsBegun += obeyed.begun;
    this.#counts.commandsAgain += obeyed.again;
    if (obeyed.reports.length > 0) await this.#calls.report(index, accessToken, obeyed.reports);
    this.#counts.commandsReported += obeyed.reports.length;
    const isMore = commands.length === limits.maxCommandsPerClaim;
    return { type: 'claim-ended', isMore, needsHandshake: obeyed.needsHandshake };
  }
}
