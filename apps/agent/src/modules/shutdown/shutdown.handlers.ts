import type { Clock } from '@holdfast/kernel';
import { commandCatalogue, type ParametersOf, type ResultOf } from '@holdfast/protocol';
import {
  type CommandContext,
  type CommandHandler,
  type CommandResult,
  defineHandler,
  isCancelled,
  OnRestart,
  type SavedState,
  stopped,
} from '../commands/index.ts';
import type { UserMessage, UserMessenger } from '../user-messages/index.ts';
import type { PowerAction, PowerSwitch } from './power-switch.ts';
import { createObstacleError, ShutdownError } from './shutdown.errors.ts';

const MINUTE_MS = 60_000;
/** How often the time that is left is told in the last minute. */
const LAST_STEP_MS = 10_000;
/** Longer than telling everybody takes. */
const SHOW_MS = 30_000;
/** A system ends its programs one by one; one that is still up after this time did not go down. */
const GOING_DOWN_MS = 3 * MINUTE_MS;

export interface ShutdownOptions {
  readonly power: PowerSwitch;
  readonly messenger: UserMessenger;
  readonly clock: Clock;
  /** Waits, or rejects with an `AbortError`. */
  readonly wait: (delayMs: number, signal: AbortSignal) => Promise<void>;
}

type Definition = (typeof commandCatalogue)['restartComputer' | 'shutDownComputer'];
type Context = CommandContext<ParametersOf<Definition>>;
type Result = CommandResult<ResultOf<Definition>>;

/** What outlives the process, and the system. */
interface Plan {
  readonly bootId: string;
  /** Wall time. */
  readonly goesDownAt: number;
  /** When the system was told; before that it can be called off. */
  readonly orderedAt?: number;
}

const words = {
  restart: { title: 'Restart', going: 'restarts', done: 'has restarted', noun: 'restart' },
  'shut-down': { title: 'Shutdown', going: 'shuts down', done: 'was shut down', noun: 'shutdown' },
} as const satisfies Readonly<Record<PowerAction, object>>;

/**
 * Obey `restart-computer` and `shut-down-computer`. The agent waits out the delay itself, so that calling it off is exact. The plan is
 * on disk before anybody is told, and the order before it is given, so that no crash restarts a computer twice.
 */
export function createShutdownHandlers(options: ShutdownOptions): readonly CommandHandler[] {
  return [
    defineHandler({
      definition: commandCatalogue.restartComputer,
      onRestart: OnRestart.resume,
      run: async (context) => await new Shutdown('restart', context, options).run(),
    }),
    defineHandler({
      definition: commandCatalogue.shutDownComputer,
      onRestart: OnRestart.resume,
      run: async (context) => await new Shutdown('shut-down', context, options).run(),
    }),
  ];
}

/** One of the two under way. */
class Shutdown {
  readonly #action: PowerAction;
  readonly #context: Context;
  readonly #options: ShutdownOptions;

  constructor(action: PowerAction, context: Context, options: ShutdownOptions) {
    this.#action = action;
    this.#context = context;
    this.#options = options;
  }

  async run(): Promise<Result> {
    const { power } = this.#options;
    const former = readPlan(this.#context.resumed?.saved);
    const bootId = await power.readBootId();
    if (former !== undefined && bootId !== former.bootId) return this.#judgeNewStart(former, bootId);
    if (former?.orderedAt !== undefined) return await this.#awaitEnd(former.orderedAt);
    const obstacle = await power.findObstacle();
    if (obstacle !== undefined || bootId === undefined)
      throw createObstacleError(obstacle ?? 'unknown-system');
    const plan = this.#plan(bootId, former);
    await this.#waitOut(plan, former);
    return await this.#goDown(plan);
  }

  /** The computer was down since the plan was made; by whom depends on whether it had been told. */
  #judgeNewStart({ goesDownAt, orderedAt }: Plan, bootId: string | undefined): Result {
    const { done, noun } = words[this.#action];
    if (bootId === undefined) {
      throw new ShutdownError(
        'SHUTDOWN_OUTCOME_UNKNOWN',
        'The system does not say whether it was started anew since the order.',
        { remedy: 'Look since when that computer runs.' },
      );
    }
    if (orderedAt === undefined && this.#action === 'shut-down') {
      throw new ShutdownError(
        'SHUTDOWN_OVERTAKEN',
        `Somebody started the computer anew before its time, and the ${noun} was given up.`,
        { remedy: 'Order it again if it is still wanted.' },
      );
    }
    const detail =
      orderedAt === undefined
        ? 'Somebody restarted the computer before its time.'
        : `The computer ${done} and is up again.`;
    return { detail, result: { goesDownAt } };
  }

  /** A plan of an earlier process stays, but nobody is surprised by one whose time has come meanwhile. */
  #plan(bootId: string, former: Plan | undefined): Plan {
    const { delaySeconds = 60 } = this.#context.parameters;
    const delayMs = delaySeconds * 1_000;
    const nowMs = Math.floor(this.#options.clock.now());
    const goesDownAt =
      former === undefined
        ? nowMs + delayMs
        : // Nor does a clock that was wrong then make the wait longer than what was ordered.
          Math.min(Math.max(former.goesDownAt, nowMs + Math.min(delayMs, MINUTE_MS)), nowMs + delayMs);
    return { bootId, goesDownAt };
  }

  async #waitOut(plan: Plan, former: Plan | undefined): Promise<void> {
    const { clock } = this.#options;
    const leftAtStartMs = plan.goesDownAt - clock.now();
    // From here on by the monotonic clock: a clock that is set changes nothing.
    const endsAtMs = clock.monotonic() + leftAtStartMs;
    if (this.#context.signal.aborted) return await this.#callOff(former !== undefined, leftAtStartMs);
    this.#save(plan);
    const told = plan.goesDownAt === former?.goesDownAt ? Promise.resolve() : this.#announce(leftAtStartMs);
    for (let leftMs = leftAtStartMs; leftMs > 0; leftMs = endsAtMs - clock.monotonic()) {
      const percent = Math.floor(100 * (1 - leftMs / leftAtStartMs));
      const text = `The computer ${words[this.#action].going} in ${describeTime(leftMs)}`;
      this.#context.reportProgress({ percent, text });
      await this.#waitStep(leftMs);
    }
    await told;
    // Also one that came with the last step.
    if (this.#context.signal.aborted) await this.#callOff(true, endsAtMs - clock.monotonic());
  }

  /** To the next full minute, and in shorter steps below that. */
  async #waitStep(leftMs: number): Promise<void> {
    const { signal } = this.#context;
    const stepMs = leftMs > MINUTE_MS ? leftMs % MINUTE_MS || MINUTE_MS : Math.min(leftMs, LAST_STEP_MS);
    try {
      await this.#options.wait(stepMs, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      await this.#callOff(true, leftMs);
    }
  }

  /** At an end of the agent the plan stays, and the next process goes on with it. */
  async #callOff(isAnnounced: boolean, leftMs: number): Promise<never> {
    const { signal } = this.#context;
    const { noun, title } = words[this.#action];
    if (isCancelled(signal) && isAnnounced) {
      const text = `The ${noun} of this computer that was announced has been called off.`;
      await this.#show({ title: `${title} called off`, text });
    }
    const time = isAnnounced ? `, ${describeTime(Math.max(0, leftMs))} before its time` : '';
    throw stopped(signal, `The ${noun} was called off${time}.`);
  }

  async #announce(leftMs: number): Promise<void> {
    const { going, title } = words[this.#action];
    const { message } = this.#context.parameters;
    const time = leftMs > 0 ? `in ${describeTime(leftMs)}` : 'now';
    const lines = [
      `This computer ${going} ${time}. Save your work.`,
      ...(message === undefined ? [] : [message]),
    ];
    await this.#show({ title, text: lines.join('\n') });
  }

  /** Whoever is signed in may keep a message from being shown, but not what it is about from being done. */
  async #show(message: UserMessage): Promise<void> {
    const { messenger, wait } = this.#options;
    const shown = new AbortController();
    const giveUp = wait(SHOW_MS, shown.signal).catch(() => undefined);
    await Promise.race([messenger.show(message).finally(() => shown.abort()), giveUp]);
  }

  async #goDown(plan: Plan): Promise<Result> {
    const { power, clock } = this.#options;
    const orderedAt = Math.floor(clock.now());
    this.#save({ ...plan, orderedAt });
    if (!(await power.goDown(this.#action))) {
      throw new ShutdownError('SHUTDOWN_REFUSED', 'The system did not take the order.', {
        remedy: 'Look at the journal of that computer.',
      });
    }
    // One that is off cannot say so. What proves the contrary later is in its inventory: since when it runs.
    if (this.#action === 'shut-down')
      return { detail: 'The computer shuts down now.', result: { goesDownAt: plan.goesDownAt } };
    return await this.#awaitEnd(orderedAt);
  }

  /** Nobody can call it off any more. The end of this process is its success, which the next one reports. */
  async #awaitEnd(orderedAt: number): Promise<never> {
    const { clock, wait } = this.#options;
    const { stopSignal, reportProgress } = this.#context;
    reportProgress({ percent: 100, text: `The computer ${words[this.#action].going}` });
    const passedMs = Math.max(0, clock.now() - orderedAt);
    try {
      await wait(Math.max(0, GOING_DOWN_MS - passedMs), stopSignal);
    } catch (error) {
      if (!stopSignal.aborted) throw error;
      throw stopped(stopSignal, 'The system ends the agent.');
    }
    throw new ShutdownError('SHUTDOWN_DID_NOT_HAPPEN', 'The system took the order and is still up.', {
      remedy: 'Look at the journal of that computer: a program may keep it from ending.',
    });
  }

  #save(plan: Plan): void {
    this.#context.save({ ...plan });
  }
}

function readPlan(saved: SavedState | undefined): Plan | undefined {
  const { bootId, goesDownAt, orderedAt } = saved ?? {};
  if (typeof bootId !== 'string' || typeof goesDownAt !== 'number') return undefined;
  return { bootId, goesDownAt, ...(typeof orderedAt === 'number' ? { orderedAt } : {}) };
}

function describeTime(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
