import type { EffectiveCommunication } from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import type { Database } from '../../platform/database/index.ts';
import type { GroupSettings, SayingsByGroup } from '../group-settings/index.ts';
import { listProductNumbersBelow } from './communication.store.ts';
import { Profiles } from './profiles.ts';

/** Products that share a profile. Of two groups that name the same product, the later one counts. */
export interface ProfileAssignment {
  readonly profile: number;
  readonly productNumbers: readonly number[];
}

/** Whoever goes by the profiles: presence. */
export interface ProfileTarget {
  /** All at once: products that no assignment names have the profile of the top. */
  replaceProfiles(
    profiles: readonly EffectiveCommunication[],
    top: number,
    assignments: readonly ProfileAssignment[],
  ): void;
  /** More profiles than before; the numbers of those that were there stay. */
  addProfiles(profiles: readonly EffectiveCommunication[]): void;
  assignProfile(productNumber: number, profile: number): void;
}

type CommunicationOfGroups = Pick<GroupSettings<EffectiveCommunication>, 'list' | 'effectiveAt'>;

/** Between two turns at least this many times as long as the last one took: following the tree stays a small part of the work. */
const REST_SHARE = 20;

/** Keeps the profile of each product in step with the tree of groups, what they say, and the settings of the server. */
export class ProfileAssignments {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #groups: CommunicationOfGroups;
  readonly #target: ProfileTarget;
  #profiles = new Profiles();
  #sayings: SayingsByGroup<EffectiveCommunication> = new Map();
  #isStale = true;
  #restUntilMs = 0;

  constructor(needs: {
    readonly database: Database;
    readonly clock: Clock;
    readonly groups: CommunicationOfGroups;
    readonly target: ProfileTarget;
  }) {
    this.#database = needs.database;
    this.#clock = needs.clock;
    this.#groups = needs.groups;
    this.#target = needs.target;
  }

  /** Something may have changed: the next turn looks. */
  markStale(): void {
    this.#isStale = true;
  }

  /** What holds at a place, as of the last turn. @param path ids from the top group down */
  effectiveAt(path: readonly string[]): EffectiveCommunication {
    return this.#groups.effectiveAt(path, this.#sayings);
  }

  /** A product has told where it is: its handshake need not wait for the next turn. */
  assign(productNumber: number, path: readonly string[]): EffectiveCommunication {
    const effective = this.effectiveAt(path);
    const knownCount = this.#profiles.values.length;
    const profile = this.#profiles.numberOf(effective);
    if (profile === knownCount) this.#target.addProfiles(this.#profiles.values);
    this.#target.assignProfile(productNumber, profile);
    return effective;
  }

  /** Looks whether what groups say differs from what is known: cheap, so it may be done at any time. */
  async look(): Promise<void> {
    const sayings = await this.#groups.list();
    if (JSON.stringify([...sayings]) !== JSON.stringify([...this.#sayings])) this.markStale();
  }

  /** Catches up when something changed, unless it has just done so at some cost. */
  async turn(): Promise<void> {
    if (!this.#isStale || this.#clock.monotonic() < this.#restUntilMs) return;
    await this.update();
  }

  /** Catches up. */
  async update(): Promise<void> {
    const startedMs = this.#clock.monotonic();
    this.#isStale = false;
    try {
      const sayings = await this.#groups.list();
      // Numbered anew, so that what was said once and is said no more is forgotten.
      const profiles = this.#profiles.renew();
      const profileAt = (path: readonly string[]): number =>
        profiles.numberOf(this.#groups.effectiveAt(path, sayings));
      const groups = [...sayings.values()].sort((left, right) => left.path.length - right.path.length);
      const assignments: ProfileAssignment[] = [];
      for (const { groupId, path } of groups) {
        const productNumbers = await listProductNumbersBelow(this.#database, groupId);
        assignments.push({ profile: profileAt(path), productNumbers });
      }
      this.#sayings = sayings;
      const top = profileAt([]);
      this.#profiles = profiles;
      this.#target.replaceProfiles(profiles.values, top, assignments);
    } catch (error) {
      this.#isStale = true;
      throw error;
    } finally {
      const tookMs = this.#clock.monotonic() - startedMs;
      this.#restUntilMs = this.#clock.monotonic() + tookMs * REST_SHARE;
    }
  }
}
