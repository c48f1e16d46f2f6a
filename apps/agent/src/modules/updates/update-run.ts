import type { Catalogue, ComponentRelease } from '@holdfast/components';
import { AppError } from '@holdfast/kernel';
import { componentsVersion, type LanReport, type LanTerms, type McpClient } from '@holdfast/protocol';
import type { StateDatabase } from '../../platform/state-database.ts';
import type { ComponentPlaces } from './component-places.ts';
import { SwitchStep } from './component-record.ts';
import { describeStates } from './component-states.ts';
import type { AskedSources, ComponentSources } from './component-sources.ts';
import { type ComponentSwitch, describeFailureOf } from './component-switch.ts';
import { type ComponentOutcome, type ComponentUpdate, describeFailed } from './component-update.ts';
import { planSwitchOrder } from './switch-order.ts';
import { readUpdateCheck } from './update-check.ts';
import type { UpdateLook } from './update-look.ts';
import { type ComponentPlatform, type PlannedComponent, planUpdates } from './update-plan.ts';
import { UpdateError } from './update.errors.ts';

export interface RunWish {
  /** Absent: all of this computer. */
  readonly only?: readonly string[];
  /** Somebody asked for it: what failed before is tried again, whenever that was. */
  readonly isOrdered: boolean;
  /** What is not fetched now, asked when it is known what there is; absent: nothing is left. */
  readonly findLeft?: () => LeftForLater;
  /** Who is asked; absent: the server. */
  readonly sources?: AskedSources;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: { readonly percent: number; readonly text: string }) => void;
}

/** `unless-urgent`: all, when nothing of it is urgent. */
export type LeftForLater = 'nothing' | 'unless-urgent' | 'everything';

export interface RunOutcome {
  readonly components: readonly ComponentOutcome[];
  /** A new program of the agent is in place, and this process has to end for it. */
  readonly isRestartNeeded: boolean;
  /** Something is there to be fetched, and was left for later. */
  readonly isLeft: boolean;
  /** Of what is left, something is urgent. */
  readonly isUrgent: boolean;
}

export interface UpdateRunOptions {
  readonly database: StateDatabase;
  readonly client: Pick<McpClient, 'putComponentStates' | 'serverVersion'>;
  readonly components: ComponentSwitch;
  readonly places: ComponentPlaces;
  readonly platform: ComponentPlatform;
  readonly look: UpdateLook;
  readonly sources: Pick<ComponentSources, 'during' | 'server'>;
  /** How this agent stands on its LANs; `undefined`: on none. */
  readonly describeLan: () => LanReport | undefined;
  /** Told with each answer what the server says of the LAN; `undefined`: it takes no part. */
  readonly onLanTerms: (terms: LanTerms | undefined) => void;
  readonly createUpdate: (onDownload: () => Promise<void>) => ComponentUpdate;
}

export interface UpdateRun {
  /**
   * Looks for updates, fetches what there is and puts it in place, one component after the other: what fails is written down and stops
   * nobody else. One run at a time; the next waits for its end.
   *
   * @throws ComponentError, UpdateError when it could not be found out what there is; AppError of a call to the server; the
   *   reason of the signal
   */
  run(wish: RunWish): Promise<RunOutcome>;
  /** Brings to an end what the last process left in the middle, and looks what came of what had to prove itself. */
  recover(): Promise<void>;
  /** Tells the server how it stands, if that is news. */
  tell(): Promise<void>;
}

const nothing: RunOutcome = { components: [], isRestartNeeded: false, isLeft: false, isUrgent: false };

export function createUpdateRun(options: UpdateRunOptions): UpdateRun {
  const { database, client, components, places, look } = options;
  const { store } = components;
  let ceilings: ReadonlyMap<string, number> = new Map();
  let told: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const tell = async ({ isForced }: { readonly isForced: boolean }): Promise<void> => {
    if (client.serverVersion < componentsVersion) return;
    const { checkedAt, catalogueVersion } = readUpdateCheck(database);
    const states = describeStates(store.list(), update.downloading);
    const lan = options.describeLan();
    const text = JSON.stringify([states, checkedAt, catalogueVersion, lan]);
    if (!isForced && text === told) return;
    const answer = await client.putComponentStates({
      ...(catalogueVersion === undefined ? {} : { catalogueVersion }),
      ...(checkedAt === undefined ? {} : { checkedAt }),
      components: [...states],
      ...(lan === undefined ? {} : { lan }),
    });
    told = text;
    options.onLanTerms(answer.lan);
    ceilings = new Map((answer.ceilings ?? []).map(({ component, release }) => [component, release]));
  };

  /** What is under way is of interest, and no reason to end it. */
  const tellOrLeave = async (): Promise<void> => {
    try {
      await tell({ isForced: false });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
    }
  };

  const update = options.createUpdate(tellOrLeave);

  const plan = (catalogue: Catalogue): readonly PlannedComponent[] => {
    const planned = planUpdates({
      catalogue,
      records: store.list(),
      platform: options.platform,
      ceilings,
      isWanted: ({ component }) => places.find(component.id).isWanted ?? hasUseFor(component),
    });
    for (const { target, id } of planned) {
      const description = (target ?? catalogue.components.get(id)?.newest)?.component;
      if (description !== undefined) components.recordTarget(description, target?.release);
    }
    const adopted = planned.filter(({ id, next }) => next !== undefined && isInUse(id, next));
    for (const { next } of adopted) if (next !== undefined) components.adopt(next.component, next);
    return planned.map((one) => (adopted.includes(one) ? { ...one, next: undefined } : one));
  };

  /** One that this agent has no handler for is told when it is to be switched. */
  const hasUseFor = (component: ComponentRelease['component']): boolean =>
    components.findHandler(component)?.findObstacle?.(component) === undefined;

  /** It is there already, although this agent did not put it there. */
  const isInUse = (id: string, next: ComponentRelease): boolean =>
    store.find(id)?.current === undefined &&
    components.findHandler(next.component)?.isSameAs?.(next) === true;

  const refuse = (release: ComponentRelease, error: UpdateError): ComponentOutcome => {
    const failure = describeFailureOf(release.release, error);
    components.recordFailure(release.component, failure);
    return describeFailed(store.find(release.component.id), release, failure);
  };

  const run = async (wish: RunWish): Promise<RunOutcome> => {
    const { only, isOrdered, findLeft, signal } = wish;
    await components.recover();
    await tell({ isForced: true });
    if (client.serverVersion < componentsVersion) return nothing;
    const planned = await look.during(signal, plan);
    assertKnown(only, planned);
    const asked = planned.filter(({ id }) => only === undefined || only.includes(id));
    const wanted = asked.filter(
      ({ id, next }) =>
        next !== undefined && isFree(id) && (isOrdered || !update.isResting(id, next.release)),
    );
    const isUrgent = wanted.some(({ next }) => next?.isUrgent === true);
    const left = findLeft?.() ?? 'nothing';
    if (left === 'everything' || (left === 'unless-urgent' && !isUrgent)) {
      await tell({ isForced: false });
      return { ...nothing, isLeft: wanted.length > 0, isUrgent };
    }
    const outcomes = new Map<string, ComponentOutcome>();
    const { order, refused } = orderOf(planned, wanted);
    for (const { component, code, text } of refused) {
      const next = wanted.find(({ id }) => id === component)?.next;
      if (next !== undefined)
        outcomes.set(
          component,
          refuse(next, new UpdateError(code, text, { remedy: 'Publish what it needs.' })),
        );
    }
    let isRestartNeeded = false;
    for (const [at, id] of order.entries()) {
      const next = wanted.find((one) => one.id === id)?.next;
      if (next === undefined) continue;
      signal.throwIfAborted();
      const unmet = findUnmet(next);
      if (unmet !== undefined) {
        outcomes.set(id, refuse(next, unmet));
        continue;
      }
      const onProgress = (share: number): void =>
        wish.onProgress?.({
          percent: Math.floor((100 * (at + share)) / order.length),
          text: `Fetching ${next.component.title}`,
        });
      onProgress(0);
      const { outcome, isOnTrial } = await update.attempt(next, signal, onProgress);
      outcomes.set(id, outcome);
      isRestartNeeded ||= isOnTrial;
    }
    await tellOrLeave();
    const all = asked.map((one) => outcomes.get(one.id) ?? describeUntouched(one));
    return { ...nothing, components: all, isRestartNeeded };
  };

  const isFree = (id: string): boolean => {
    const { step } = store.find(id) ?? {};
    return step === undefined || step === SwitchStep.rest || step === SwitchStep.staged;
  };

  const orderOf = (planned: readonly PlannedComponent[], wanted: readonly PlannedComponent[]) =>
    planSwitchOrder(
      planned.flatMap(({ id, target }) => {
        const description = target?.component ?? store.find(id)?.description;
        if (description === undefined) return [];
        const next = wanted.find((one) => one.id === id)?.next?.release;
        return [{ description, current: store.find(id)?.current?.release, next }];
      }),
      ({ handler }) => handler === 'agent-program',
    );

  /** What it needs may have failed since the order was made. */
  const findUnmet = ({ component }: ComponentRelease): UpdateError | undefined => {
    for (const { component: id, release = 1 } of component.dependencies) {
      const has = store.find(id)?.current?.release ?? 0;
      if (!(has >= release))
        return new UpdateError('DEPENDENCY_MISSING', `It needs ${id}, which could not be updated.`, {
          remedy: `Look why ${id} failed.`,
        });
    }
    return undefined;
  };

  const describeUntouched = ({ id, isHeldBack }: PlannedComponent): ComponentOutcome => {
    const { current, failure, target } = store.find(id) ?? {};
    const release = current === undefined ? {} : { release: current.release };
    if (failure !== undefined && (current?.release ?? 0) < (target ?? 0))
      return { component: id, state: 'failed', ...release, reason: failure.text };
    return { component: id, state: isHeldBack ? 'held' : 'up-to-date', ...release };
  };

  const inTurn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return await mine;
  };

  return {
    run: async (wish) =>
      await inTurn(async () => {
        const { sources } = options;
        const asked = wish.sources ?? { metadata: sources.server, files: [sources.server] };
        return await sources.during(asked, async () => await run(wish));
      }),
    recover: async () =>
      await inTurn(async () => {
        await components.recover();
        update.settleTrials();
      }),
    tell: async () => await tell({ isForced: false }),
  };
}

function assertKnown(only: readonly string[] | undefined, planned: readonly PlannedComponent[]): void {
  const unknown = only?.find((id) => !planned.some((one) => one.id === id));
  if (unknown === undefined) return;
  throw new UpdateError('COMPONENT_UNKNOWN', `This computer has no component ${unknown}.`, {
    remedy: 'Look which it has, under its components.',
  });
}
