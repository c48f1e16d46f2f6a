import type { LogsAnswer, LogsRequest } from '@holdfast/protocol';
import type { ProductActor } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { LogAnnouncer } from './log-announcer.service.ts';
import { type LogIntake, type LogLoss, planLogIntake } from './log-allowance.ts';
import { type CheckedEntry, parseLogBatch, severityCode } from './log-batch.ts';
import { type LogDays, utcDay } from './log-days.service.ts';
import { describeGap } from './log-gap.ts';
import {
  addToNotice,
  type Allowance,
  describeLoss,
  insertEntries,
  insertNotice,
  lockAllowance,
  lockJournal,
  makeRoomForJournal,
  type NoticePlace,
  saveAllowance,
  saveJournal,
} from './log-intake.store.ts';
import { LogError } from './logs.errors.ts';
import { describeEntries } from './logs.events.ts';

/** So many durable places one product may have at a time. */
export const MAX_JOURNALS_PER_PRODUCT = 16;
/** A journal that brought nothing for so long makes room for a new one. */
export const JOURNAL_IDLE_MS = 90 * 86_400_000;

export interface LogIntakeParts {
  readonly days: LogDays;
  readonly announcer: LogAnnouncer;
  readonly life: { recordSign(productNumber: number, kind: 'logs'): void };
}

interface IntakeOutcome {
  readonly acknowledged: number;
  /** Severities of the rows that were written. */
  readonly written: readonly number[];
}

type LogIntakePlatform = Pick<Platform, 'database' | 'clock' | 'recordEvents'>;

/** Takes log entries of products: what is acknowledged is on disk, once. */
export class LogIntakeService {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'recordEvents'>;
  readonly #parts: LogIntakeParts;

  constructor({ platform, ...parts }: LogIntakeParts & { readonly platform: LogIntakePlatform }) {
    this.#platform = platform;
    this.#parts = parts;
  }

  /**
   * Answers after the commit. Invariant: of each journal exactly the entries with a sequence up to its stored one have been
   * taken, so a batch that comes again, whole or cut differently, adds only what is new.
   *
   * @throws MessageError for a batch that is not of the protocol; LogError LOG_JOURNALS_FULL
   */
  async take(product: ProductActor, request: LogsRequest): Promise<LogsAnswer> {
    const { database, clock } = this.#platform;
    this.#parts.life.recordSign(product.productNumber, 'logs');
    const entries = parseLogBatch(request);
    await this.#parts.days.ensure(utcDay(clock.now()));
    const { acknowledged, written } = await inTransaction(
      database,
      async (transaction) => await this.#store(transaction, product.productNumber, request, entries),
    );
    this.#parts.announcer.note(product.productNumber, written);
    return { acknowledged };
  }

  async #store(
    transaction: Transaction,
    productNumber: number,
    { journal, acknowledged = 0 }: Pick<LogsRequest, 'journal' | 'acknowledged'>,
    entries: readonly CheckedEntry[],
  ): Promise<IntakeOutcome> {
    // The day is that of the beginning; a batch that waits for its turn over midnight counts with the old one.
    const day = utcDay(this.#platform.clock.now());
    const allowance = await lockAllowance(transaction, productNumber, day);
    const known = await lockJournal(transaction, productNumber, journal);
    // As late as possible, so that the order of times is nearly the order of commits.
    const receivedAt = new Date(this.#platform.clock.now());
    if (known === undefined) await this.#requireRoom(transaction, productNumber, receivedAt);
    const lastSequence = known ?? 0;
    const fresh = entries.filter((entry) => entry.sequence > lastSequence);
    const newest = fresh.at(-1);
    if (newest === undefined) return { acknowledged: lastSequence, written: [] };
    const gap = describeGap(journal, { lastSequence, acknowledged }, receivedAt.getTime());
    // A notice counts like an entry of the product, so that false claims about what was acknowledged do not fill the disk.
    const intake = planLogIntake(allowance, gap === undefined ? fresh : [gap, ...fresh]);
    if (gap !== undefined && intake.kept[0] === gap)
      await insertNotice(transaction, { ...gap, productNumber, receivedAt });
    const kept = intake.kept.filter((entry) => entry !== gap);
    await insertEntries(transaction, { productNumber, journal, receivedAt, entries: kept });
    const notice = await recordLoss(transaction, { productNumber, receivedAt, allowance, loss: intake.loss });
    await saveAllowance(transaction, productNumber, day, { ...intake.usage, notice });
    await saveJournal(transaction, { productNumber, journal, lastSequence: newest.sequence, receivedAt });
    if (allowance.place !== undefined) {
      const events = describeEntries(productNumber, allowance.place, kept);
      await this.#platform.recordEvents(transaction, events);
    }
    return { acknowledged: newest.sequence, written: severitiesOf(intake) };
  }

  async #requireRoom(transaction: Transaction, productNumber: number, now: Date): Promise<void> {
    const idleSince = new Date(now.getTime() - JOURNAL_IDLE_MS);
    const limit = MAX_JOURNALS_PER_PRODUCT;
    if ((await makeRoomForJournal(transaction, productNumber, limit, idleSince)) < limit) return;
    throw new LogError('LOG_JOURNALS_FULL', 'This product has begun too many journals.', {
      facts: { limit },
      remedy: 'Go on with a journal that exists, or wait until one has been idle for 90 days.',
    });
  }
}

function severitiesOf({ kept, loss }: LogIntake): readonly number[] {
  const severities = kept.map((entry) => entry.severity);
  return loss === undefined ? severities : [...severities, severityCode.warning];
}

async function recordLoss(
  transaction: Transaction,
  context: {
    readonly productNumber: number;
    readonly receivedAt: Date;
    readonly allowance: Allowance;
    readonly loss: LogLoss | undefined;
  },
): Promise<NoticePlace | undefined> {
  const { productNumber, receivedAt, allowance, loss } = context;
  if (loss === undefined) return allowance.notice;
  if (allowance.notice !== undefined) {
    await addToNotice(transaction, allowance.notice, loss);
    return allowance.notice;
  }
  return await insertNotice(transaction, {
    productNumber,
    receivedAt,
    type: 'log-entries-dropped',
    severity: severityCode.warning,
    text: 'The product sent more than the server keeps of one product on one day. What matters least was left out.',
    facts: JSON.stringify(describeLoss(loss)),
  });
}
