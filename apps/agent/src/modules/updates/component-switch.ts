import type { ComponentDescription } from '@holdfast/components';
import { AppError, type Clock } from '@holdfast/kernel';
import { codeOf, describeError, type Log } from '../../platform/log.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { ComponentFiles } from './component-files.ts';
import {
  type ComponentFailure,
  type ComponentRecord,
  type NamedRelease,
  SwitchStep,
} from './component-record.ts';
import { createComponentRecordStore, type ComponentRecordStore } from './component-record.store.ts';
import type { ComponentHandler, StagedRelease } from './handlers/component-handler.ts';
import { UpdateError } from './update.errors.ts';

/** What came of a switch. */
export type SwitchEnd =
  | { readonly state: 'switched' }
  /** In place, and the agent has to be started anew before more can be said. */
  | { readonly state: 'on-trial' }
  /** What was in use before still is. */
  | { readonly state: 'failed'; readonly failure: ComponentFailure };

export interface ComponentSwitchOptions {
  readonly database: StateDatabase;
  readonly files: ComponentFiles;
  readonly handlers: readonly ComponentHandler[];
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts verified releases in place, one component at a time, and knows after any end of the process which one is. */
export interface ComponentSwitch {
  readonly store: ComponentRecordStore;
  findHandler(component: ComponentDescription): ComponentHandler | undefined;
  /** What signed metadata say of a component now, and the newest release that this computer may have of it. */
  recordTarget(component: ComponentDescription, target: number | undefined): void;
  /** The file of this release is verified, and has the name of a held one. */
  recordStaged(component: ComponentDescription, next: NamedRelease): void;
  /** Writes down why a release did not even get to be staged. */
  recordFailure(component: ComponentDescription, failure: ComponentFailure): void;
  /** Takes what is in use already for this release. */
  adopt(component: ComponentDescription, release: NamedRelease): void;
  /** Has the staged release tried and put in place. Throws only what the state file or a signal throws. */
  switchStaged(component: string, signal: AbortSignal): Promise<SwitchEnd>;
  /** Brings to an end what the last process left in the middle. One that cannot be ended does not keep the others from it. */
  recover(): Promise<void>;
  /** Looks what came of those that have to prove themselves. Answers which ones it settled. */
  settleTrials(): readonly { readonly component: string; readonly end: SwitchEnd }[];
}

const never: AbortSignal = new AbortController().signal;

/**
 * Invariant: a step is on the disk before it is begun, and the previous release is forgotten only when the next one is in use, so that
 * after an end at any point the component is the old or the new one, and the record says which.
 */
export function createComponentSwitch(options: ComponentSwitchOptions): ComponentSwitch {
  const { database, files, clock, log } = options;
  const store = createComponentRecordStore(database);
  const handlers = new Map(options.handlers.map((handler) => [handler.name, handler]));

  const handlerOf = ({ handler: name }: ComponentDescription): ComponentHandler => {
    const handler = handlers.get(name);
    if (handler !== undefined) return handler;
    throw new UpdateError('COMPONENT_HANDLER_UNKNOWN', `This agent has no handler ${name}.`, {
      remedy: 'Update the agent first.',
    });
  };

  const save = (record: ComponentRecord, change: Partial<ComponentRecord>): ComponentRecord => {
    const next = { ...record, ...change, changedAt: Math.floor(clock.now()) };
    database.transaction(() => store.save(next));
    return next;
  };

  const stagedOf = (record: ComponentRecord, { release, version }: NamedRelease): StagedRelease => ({
    component: record.description,
    release,
    version,
    file: files.heldPath(record.description.id, release),
  });

  const fail = (
    record: ComponentRecord,
    change: Partial<ComponentRecord>,
    failure: ComponentFailure,
  ): SwitchEnd => {
    save(record, { ...change, failure });
    log.warn(failure.code, `The component ${record.description.id} was not updated. ${failure.text}`, {
      component: record.description.id,
      release: failure.release,
    });
    return { state: 'failed', failure };
  };

  /** In use from now on; what is older than the previous one goes. */
  const finish = (record: ComponentRecord, next: NamedRelease): SwitchEnd => {
    const { id } = record.description;
    const isNew = record.current?.release !== next.release;
    const previous = isNew ? record.current : record.previous;
    save(record, { current: next, previous, next: undefined, step: SwitchStep.rest, failure: undefined });
    files.forget(id, [next.release, previous?.release]);
    return { state: 'switched' };
  };

  /** A release that was refused is not fetched again as long as it is the newest. */
  const forgetAllBut = ({ description, current, previous }: ComponentRecord, refused: number): void =>
    files.forget(description.id, [current?.release, previous?.release, refused]);

  /** The record says `switching` already. What was begun is brought to its end, whoever wants it ended. */
  const carryOut = async (record: ComponentRecord): Promise<SwitchEnd> => {
    const { next, description } = record;
    if (next === undefined || !files.isHeld(description.id, next.release))
      return await goBack(record, createFileMissingError());
    try {
      const outcome = await handlerOf(description).switch(stagedOf(record, next), never);
      if (outcome === 'done') return finish(record, next);
    } catch (error) {
      if (isOfState(error)) throw error;
      return await goBack(record, error);
    }
    save(record, { step: SwitchStep.onTrial });
    return { state: 'on-trial' };
  };

  const goBack = async (record: ComponentRecord, cause: unknown): Promise<SwitchEnd> => {
    const { current, next, description } = record;
    const failure = describeFailureOf(next?.release ?? current?.release ?? 0, cause);
    const going = save(record, { step: SwitchStep.goingBack, failure });
    if (next === undefined) return fail(going, { step: SwitchStep.rest }, failure);
    try {
      const to = current === undefined ? undefined : stagedOf(record, current);
      await handlerOf(description).rollBack({ from: stagedOf(record, next), to }, never);
    } catch (error) {
      if (isOfState(error)) throw error;
      // The step stays: it is gone back again at the next occasion.
      return fail(
        going,
        {},
        {
          ...failure,
          code: 'COMPONENT_ROLL_BACK_FAILED',
          text: `${failure.text} And the release before could not be put back: ${sentenceOf(error)}`,
        },
      );
    }
    const end = fail(going, { step: SwitchStep.rest, next: undefined }, failure);
    forgetAllBut(record, next.release);
    return end;
  };

  const recoverOne = async (record: ComponentRecord): Promise<void> => {
    const { description, step } = record;
    if (step === SwitchStep.switching) await carryOut(record);
    else if (step === SwitchStep.goingBack) await goBack(record, record.failure);
    else if (step === SwitchStep.rest) {
      const actual = handlers.get(description.handler)?.findCurrent?.();
      if (actual === undefined || actual.release === record.current?.release) return;
      save(record, { current: actual, previous: undefined });
    }
  };

  return {
    store,
    findHandler: ({ handler }) => handlers.get(handler),
    recordTarget: (description, target) => {
      const record = store.find(description.id);
      const isKnown =
        record?.target === target && JSON.stringify(record?.description) === JSON.stringify(description);
      if (!isKnown) save({ ...(record ?? newRecord(description)), description }, { target });
    },
    recordStaged: (description, next) => {
      const record = store.find(description.id) ?? newRecord(description);
      save({ ...record, description }, { next, step: SwitchStep.staged });
    },
    recordFailure: (description, failure) => {
      const record = store.find(description.id) ?? newRecord(description);
      const { failure: known } = record;
      const isTold =
        known?.release === failure.release && known.code === failure.code && known.text === failure.text;
      if (!isTold) fail({ ...record, description }, {}, failure);
    },
    adopt: (description, release) => {
      const record = store.find(description.id) ?? newRecord(description);
      save({ ...record, description }, { current: release, previous: undefined, failure: undefined });
    },
    switchStaged: async (component, signal) => {
      const record = store.find(component);
      if (record?.next === undefined || record.step !== SwitchStep.staged)
        throw new TypeError(`"component" expected one with a staged release, got ${component}`);
      try {
        await handlerOf(record.description).try(stagedOf(record, record.next), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const failure = describeFailureOf(record.next.release, error);
        const end = fail(record, { step: SwitchStep.rest, next: undefined }, failure);
        forgetAllBut(record, failure.release);
        return end;
      }
      return await carryOut(save(record, { step: SwitchStep.switching }));
    },
    recover: async () => {
      for (const record of store.list()) {
        try {
          await recoverOne(record);
        } catch (error) {
          if (isOfState(error)) throw error;
          log.error(codeOf(error), describeError(error), { component: record.description.id });
        }
      }
    },
    settleTrials: () => {
      const settled: { readonly component: string; readonly end: SwitchEnd }[] = [];
      for (const record of store.list()) {
        const { description, next, step } = record;
        if (step !== SwitchStep.onTrial || next === undefined) continue;
        const outcome = handlers.get(description.handler)?.findTrialOutcome?.(next.release);
        if (outcome === undefined || outcome.state === 'waiting') continue;
        const end =
          outcome.state === 'proven'
            ? finish(record, next)
            : fail(
                record,
                { step: SwitchStep.rest, next: undefined },
                describeFailureOf(next.release, createReturnError(outcome.reason)),
              );
        settled.push({ component: description.id, end });
      }
      return settled;
    },
  };
}

function newRecord(description: ComponentDescription): ComponentRecord {
  return {
    description,
    current: undefined,
    previous: undefined,
    next: undefined,
    target: undefined,
    step: SwitchStep.rest,
    failure: undefined,
    changedAt: 0,
  };
}

function createFileMissingError(): UpdateError {
  return new UpdateError('COMPONENT_FILE_CHANGED', 'The file of the next release is not there any more.', {
    remedy: 'It is fetched again with the next check for updates.',
  });
}

function createReturnError(reason: 'did-not-start' | 'did-not-check-in'): UpdateError {
  return reason === 'did-not-start'
    ? new UpdateError(
        'AGENT_PROGRAM_DID_NOT_START',
        'The new agent did not come up, and the former one runs again.',
        {
          remedy: 'Look at the journal of the service on that computer.',
        },
      )
    : new UpdateError(
        'AGENT_PROGRAM_DID_NOT_CHECK_IN',
        'The new agent did not reach the server in time, and the former one runs again.',
        { remedy: 'If the server was away meanwhile, nothing; it is tried again.' },
      );
}

/** What a release failed with, as a code and a sentence. */
export function describeFailureOf(release: number, error: unknown): ComponentFailure {
  if (isFailure(error)) return error;
  return {
    release,
    code: error instanceof AppError ? error.code : 'COMPONENT_FAULT',
    text: sentenceOf(error),
  };
}

function isFailure(value: unknown): value is ComponentFailure {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Error) &&
    'release' in value &&
    'code' in value
  );
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof AppError)) return `The agent has a fault: ${describeError(error)}`;
  return error.remedy === undefined ? error.message : `${error.message} ${error.remedy}`;
}

/** A state file that cannot be written keeps every component from everything. */
function isOfState(error: unknown): boolean {
  return error instanceof AppError && error.code.startsWith('STATE_');
}
