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
    const answer = await this.#calls.claimCommands(index, accessToken);
    const begun = this.#begun.get(index) ?? new Set<string>();
    const obeyed = obeyCommands(answer, begun, readClock());
    if (begun.size > 0) this.#begun.set(index, begun);
    this.#counts.commandsBegun += obeyed.begun;
    this.#counts.commandsAgain += obeyed.again;
    for (let from = 0; from < obeyed.reports.length; from += limits.maxReportsPerCall) {
      const batch = obeyed.reports.slice(from, from + limits.maxReportsPerCall);
      await this.#calls.report(index, accessToken, batch);
      this.#counts.commandsReported += batch.length;
    }
    const isMore = answer.commands.length === limits.maxCommandsPerClaim;
    return { type: 'claim-ended', isMore, needsHandshake: obeyed.needsHandshake };
  }
}
