import { toOneLine } from '@holdfast/kernel';
import {
  type ClaimAnswer,
  type CommandReport,
  limits,
  ReportedState,
  type ReportsAnswer,
} from '@holdfast/protocol';
import type { ProductActor } from '../../platform/access/actor.ts';
import { inTransaction } from '../../platform/database/index.ts';
import { alone, Batches } from '../../platform/batches.ts';
import type { Platform } from '../../platform/platform.ts';
import { TokenBuckets } from '../../platform/rate-limit/token-buckets.ts';
import type { CommandAnnouncer } from './command-announcer.service.ts';
import { mergeProgress } from './command-progress.ts';
import { decideReport, isEnd, noLongerSupported, stepTimeMs } from './command-state.ts';
import {
  type Asking,
  claimTargets,
  type Claimed,
  endUnsupported,
  findClockSkewMs,
  findWaitingWork,
  lockTargets,
  type ReportedRow,
  saveTargets,
  type WaitingWork,
} from './command-work.store.ts';
import { describeEnd } from './commands.events.ts';
import type { WaitingCommands } from './waiting-commands.service.ts';

/** Of presence: a call of a product is a sign of its life. */
export interface LifeSigns {
  recordSign(productNumber: number, kind: 'poll' | 'report'): void;
  /** Idle hours of the product's group. */
  isIdle(productNumber: number): boolean;
}

type DeliveryPlatform = Pick<Platform, 'database' | 'clock' | 'recordEvents'>;

export interface DeliveryParts {
  readonly waiting: WaitingCommands;
  readonly announcer: CommandAnnouncer;
  readonly life: LifeSigns;
}

/** So many claims are carried out together. */
const MAX_CLAIMS_TOGETHER = 64;
const MAX_CLAIM_BATCHES = 2;
const MAX_CLAIMS_ALONE = 2;

/** What a product gets. */
interface Fetched extends Claimed {
  readonly cancelIds: WaitingWork['cancelIds'];
}

/** Per product, for all its commands together: one a second for each of two busy lanes, with short bursts. */
const PROGRESS_PACE = { burst: 30, perSecond: 2 };

interface ReportTimes {
  readonly productNumber: number;
  readonly skewMs: number;
  readonly nowMs: number;
}

/** Commands as products see them: fetch, report. A product reaches its own targets and nothing else. */
export class CommandDelivery {
  readonly #platform: DeliveryPlatform;
  readonly #parts: DeliveryParts;
  readonly #progressBuckets: TokenBuckets;
  readonly #claims: Batches<Asking, Fetched>;

  constructor(platform: DeliveryPlatform, parts: DeliveryParts) {
    this.#platform = platform;
    this.#parts = parts;
    this.#progressBuckets = new TokenBuckets(PROGRESS_PACE, platform.clock);
    this.#claims = new Batches({
      maxItems: MAX_CLAIMS_TOGETHER,
      maxBatches: MAX_CLAIM_BATCHES,
      maxAlone: MAX_CLAIMS_ALONE,
      doTogether: async (asking) => await this.#fetchTogether(asking),
      doAlone: async (asking) => await this.#fetch(asking),
    });
  }

  /**
   * At least once: what was delivered and not yet accepted comes again, and what is to end is named until its end is reported. In idle
   * hours only commands that are urgent.
   */
  async claim(product: ProductActor, max: number): Promise<ClaimAnswer> {
    const { productNumber } = product;
    this.#parts.life.recordSign(productNumber, 'poll');
    const {
      rows: claimed,
      isAnyUnsupported,
      cancelIds,
    } = await this.#claims.do({
      productNumber,
      hours: this.#parts.life.isIdle(productNumber) ? 'idle' : 'working',
      limit: Math.min(max, limits.maxCommandsPerClaim),
    });
    if (isAnyUnsupported) await this.#endUnsupported(productNumber);
    const delivered = claimed.filter((row) => row.state === 'queued').map((row) => row.id);
    for (const commandId of delivered) this.#parts.announcer.note(commandId, [productNumber]);
    if (claimed.length === 0 && cancelIds.length === 0)
      await this.#parts.waiting.recheckIfTold(productNumber);
    return {
      commands: claimed.map((row) => ({
        id: row.id,
        type: row.type,
        parameters: row.parameters,
        issuedAt: row.issuedAt.getTime(),
        expiresAt: row.expiresAt.getTime(),
      })),
      ...(cancelIds.length === 0 ? {} : { cancel: [...cancelIds] }),
    };
  }

  /** If one product calls twice, the second call is carried out on its own. */
  async #fetchTogether(asking: readonly Asking[]): Promise<(Fetched | typeof alone)[]> {
    const { database, clock } = this.#platform;
    const first = new Map<number, Asking>();
    for (const one of asking) if (!first.has(one.productNumber)) first.set(one.productNumber, one);
    const asked = [...first.values()];
    const work = await findWaitingWork(database, asked);
    const claiming = asked.filter(({ productNumber }) => work.get(productNumber)?.hasCommands);
    const now = new Date(clock.now());
    const delivered = { state: 'delivered', at: now.toISOString(), detail: '' } as const;
    const claimed =
      claiming.length === 0 ? undefined : await claimTargets(database, { asking: claiming, now, delivered });
    return asking.map((one) => {
      const { productNumber } = one;
      if (first.get(productNumber) !== one) return alone;
      const { rows = [], isAnyUnsupported = false } = claimed?.get(productNumber) ?? {};
      return { rows, isAnyUnsupported, cancelIds: work.get(productNumber)?.cancelIds ?? [] };
    });
  }

  async #fetch(asking: Asking): Promise<Fetched> {
    const [fetched = alone] = await this.#fetchTogether([asking]);
    if (fetched === alone) throw new Error('A claim that is alone was left out');
    return fetched;
  }

  /** Answers after the commit, one outcome for each report in the same order. Repeating a call changes nothing. */
  async report(product: ProductActor, reports: readonly CommandReport[]): Promise<ReportsAnswer> {
    const { database, clock, recordEvents } = this.#platform;
    const { productNumber } = product;
    this.#parts.life.recordSign(productNumber, 'report');
    const { outcomes, changed, isAnyStepped } = await inTransaction(database, async (transaction) => {
      const ids = [...new Set(reports.map((report) => report.commandId))];
      const rows = await lockTargets(transaction, productNumber, ids);
      const targets = new Map(rows.map((row) => [row.commandId, row]));
      const changedIds = new Set<string>();
      let hasStepped = false;
      const times = {
        productNumber,
        skewMs: await findClockSkewMs(transaction, productNumber),
        nowMs: clock.now(),
      };
      const results = reports.map((report) => {
        const { commandId } = report;
        const target = targets.get(commandId);
        const outcome = decideOutcome(target, report);
        if (target === undefined || outcome === 'closed') return { commandId, outcome };
        hasStepped ||= outcome === 'recorded';
        const stepped = outcome === 'recorded' ? applyReport(target, report, times) : target;
        const after = isEnd(stepped.state) ? stepped : this.#applyProgress(stepped, report, times);
        if (after === target) return { commandId, outcome };
        targets.set(commandId, after);
        changedIds.add(commandId);
        return { commandId, outcome: 'recorded' } as const;
      });
      const moved = [...changedIds].flatMap((id) => targets.get(id) ?? []);
      await saveTargets(transaction, productNumber, moved);
      const ended = moved.filter((target) => isEnd(target.state));
      await recordEvents(
        transaction,
        ended.map((target) => describeEnd(target, target)),
      );
      return { outcomes: results, changed: moved, isAnyStepped: hasStepped };
    });
    for (const { commandId, state } of changed)
      if (!isEnd(state)) this.#parts.announcer.note(commandId, [productNumber]);
    // Progress alone ends no waiting.
    if (isAnyStepped) await this.#parts.waiting.recheck([productNumber]);
    return { outcomes };
  }

  async #endUnsupported(productNumber: number): Promise<void> {
    const { code, detail } = noLongerSupported;
    const now = new Date(this.#platform.clock.now());
    const step = { state: 'failed', at: now.toISOString(), detail } as const;
    await inTransaction(this.#platform.database, async (transaction) => {
      const ended = await endUnsupported(transaction, productNumber, now, { step, code });
      await this.#platform.recordEvents(
        transaction,
        ended.map((target) => describeEnd(target, { state: step.state, code })),
      );
    });
  }

  /** Progress that a product reports too often is ignored: it costs a write, and nobody reads that fast. */
  #applyProgress(target: ReportedRow, report: CommandReport, times: ReportTimes): ReportedRow {
    const { progress } = report;
    if (progress === undefined || report.state !== ReportedState.running) return target;
    const atMs = stepTimeMs(report.at, times.skewMs, 0, times.nowMs);
    const next = mergeProgress(target.progress, progress, atMs);
    if (next === target.progress || this.#progressBuckets.take(String(times.productNumber)) > 0)
      return target;
    return { ...target, progress: next };
  }
}

function decideOutcome(
  target: ReportedRow | undefined,
  report: CommandReport,
): ReportsAnswer['outcomes'][number]['outcome'] {
  if (target === undefined) return 'unknown-command';
  // Its cancellation is on disk, although its turn has not come yet.
  return target.isBeingCancelled ? 'closed' : decideReport(target.state, report.state, target.code);
}

function applyReport(target: ReportedRow, report: CommandReport, times: ReportTimes): ReportedRow {
  const previousAtMs = Date.parse(target.steps.at(-1)?.at ?? '');
  const atMs = stepTimeMs(
    report.at,
    times.skewMs,
    Number.isNaN(previousAtMs) ? 0 : previousAtMs,
    times.nowMs,
  );
  const { result, note } = readResult(report.result);
  // The note comes first, because text that is too long is cut at its end.
  const said = [note, report.detail ?? ''].filter((text) => text !== '').join(' ');
  const detail = toOneLine(said, limits.maxReportDetailCharacters);
  return {
    ...target,
    state: report.state,
    code: report.code ?? null,
    detail,
    steps: [...target.steps, { state: report.state, at: new Date(atMs).toISOString(), detail }],
    result: result ?? target.result,
  };
}

/** What cannot be stored is left out, with a note: refusing the report would only make the product repeat it for ever. */
function readResult(result: Record<string, unknown> | undefined): {
  readonly result: Record<string, unknown> | undefined;
  readonly note: string;
} {
  if (result === undefined) return { result, note: '' };
  if (Buffer.byteLength(JSON.stringify(result)) > limits.maxCommandResultBytes) {
    return { result: undefined, note: 'The result was too large and was left out.' };
  }
  return { result, note: '' };
}
