import type { Presence, Transport } from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import { decodeActivity } from '@holdfast/protocol';
import type {
  HeartbeatKind,
  HeartbeatOutcome,
  HeartbeatRecorder,
  ReceivedHeartbeat,
} from '../datagrams/index.ts';
import { AttentiveClock } from './attentive-clock.ts';
import { FlaggedList } from './flagged-list.ts';
import { Grace, TICK_MS } from './grace.ts';
import { isAnswered, reasonCode, type SignKind, statusCode } from './presence-code.ts';
import { type PresenceProfile, PresenceProfiles } from './presence-profiles.ts';
import { presenceFlags, PresenceTable, serviceStates } from './presence-table.ts';
import type { RememberedPresence } from './remembered-presence.ts';
import type { CommunicationTimes } from './silence.ts';
import { SilenceDeadlines } from './silence-deadlines.ts';
import { TimingWheel } from './timing-wheel.ts';

/**
 * Decides who is alive, in memory. Invariant: silence is measured in time during which this server listened; when it
 * was late itself, nobody times out or goes offline for it.
 */
export class PresenceEngine implements HeartbeatRecorder {
  readonly table: PresenceTable;
  /** Products that differ from the database. */
  readonly unsaved: FlaggedList;
  /** Those of them whose status differs. */
  readonly statusUnsaved: FlaggedList;
  /** Products whose status changed and whose change open views have not been told. */
  readonly unannounced: FlaggedList;
  readonly #clock: Clock;
  readonly #attentive: AttentiveClock;
  readonly #wheel: TimingWheel;
  readonly profiles: PresenceProfiles;
  readonly #grace = new Grace();
  readonly #deadlines: SilenceDeadlines;
  readonly #onLate: (number: number) => void;
  #count = 0;

  constructor(options: {
    readonly clock: Clock;
    readonly times: CommunicationTimes;
    readonly capacity?: number;
    /** A heartbeat of this product is late, and it can still be that only the heartbeat was lost. */
    readonly onLate?: (number: number) => void;
  }) {
    const capacity = options.capacity ?? 1_024;
    this.#clock = options.clock;
    this.#onLate = options.onLate ?? (() => undefined);
    this.#attentive = new AttentiveClock(options.clock);
    this.profiles = new PresenceProfiles(options.clock, { ...options.times, schedule: null });
    this.table = new PresenceTable(capacity);
    this.#wheel = new TimingWheel(capacity);
    this.#deadlines = new SilenceDeadlines(this.table, this.#wheel, (number) => this.#timesOf(number));
    this.unsaved = new FlaggedList(this.table, presenceFlags.unsaved);
    this.statusUnsaved = new FlaggedList(this.table, presenceFlags.statusUnsaved);
    this.unannounced = new FlaggedList(this.table, presenceFlags.unannounced);
  }

  /** Products in memory. */
  get count(): number {
    return this.#count;
  }

  /** The interval to tell the product now: what its group says, longer in idle hours and while this server has enough to do. */
  nextIntervalMs(number: number): number {
    return this.profiles.nextIntervalMs(this.#profileOf(number));
  }

  /** Idle hours of the product's group. */
  isIdle(number: number): boolean {
    return this.profiles.isIdle(this.#profileOf(number));
  }

  /** When its idle hours end, while they last: infinity when they never do. */
  idleUntil(number: number): number | undefined {
    return this.profiles.idleUntil(this.#profileOf(number));
  }

  /** Bytes of all arrays. */
  get byteLength(): number {
    return this.table.byteLength + this.#wheel.byteLength;
  }

  /** Makes room for all products up to this number at once, instead of growing again and again. */
  reserve(lastNumber: number): void {
    this.table.makeRoomFor(lastNumber);
    this.#wheel.grow(this.table.capacity);
  }

  /**
   * Restores a product from the database, as last written. Its silence starts again: nobody listened in between.
   */
  restore(remembered: RememberedPresence): void {
    const { productNumber: number } = remembered;
    this.#makeKnown(number);
    this.table.writeRemembered(remembered, this.#nowTick());
    this.table.enterStatus(number, statusCode[remembered.status]);
    if (remembered.isDisabled !== (remembered.status === 'disabled'))
      this.setDisabled(number, remembered.isDisabled);
    this.#scheduleDeadline(number);
  }

  /** A product that joined just now, or came back. */
  add(number: number): void {
    if (this.table.isKnown(number)) return;
    this.table.clear(number);
    this.#makeKnown(number);
    this.table.set(number, presenceFlags.answered, true);
    this.table.columns.reason[number] = reasonCode['never-seen'];
    this.table.enterStatus(number, statusCode.offline);
    this.unannounced.add(number);
  }

  /** A product whose record is gone. */
  remove(number: number): void {
    if (!this.table.isKnown(number)) return;
    this.#wheel.cancel(number);
    this.table.leaveStatus(number);
    this.table.clear(number);
    this.#count -= 1;
  }

  /** The handshake of a product is on disk: datagrams and tokens of earlier epochs are worth nothing from now on. */
  beginEpoch(number: number, epoch: number): void {
    this.add(number);
    // Of two handshakes at once, the one that was committed first may arrive here last.
    if (epoch <= (this.table.columns.epoch[number] ?? 0)) return;
    this.table.columns.epoch[number] = epoch;
    this.table.columns.lastSequence[number] = 0;
    this.table.columns.serviceState[number] = 0;
    this.tellInterval(number);
    this.recordSign(number, 'handshake');
  }

  setTransport(number: number, transport: Transport): void {
    this.table.set(number, presenceFlags.answered, isAnswered(transport));
  }

  setDisabled(number: number, isDisabled: boolean): void {
    if (!this.table.isKnown(number)) return;
    this.table.set(number, presenceFlags.disabled, isDisabled);
    this.#wheel.cancel(number);
    const hasBeenSeen = (this.table.columns.lastSeenAt[number] ?? 0) > 0;
    const reason = isDisabled ? 'disabled' : hasBeenSeen ? 'silent' : 'never-seen';
    this.table.columns.reason[number] = reasonCode[reason];
    this.#setStatus(number, isDisabled ? statusCode.disabled : statusCode.offline);
    this.unsaved.add(number);
  }

  setCommandsWaiting(number: number, areWaiting: boolean, isUrgent = false): void {
    if (!this.table.isKnown(number)) return;
    this.table.set(number, presenceFlags.commandsWait, areWaiting);
    this.table.set(number, presenceFlags.urgentWaits, areWaiting && isUrgent);
  }

  /** Told to fetch commands now: in idle hours only what is urgent counts; the rest does with the first answer after them. */
  areCommandsWaiting(number: number): boolean {
    const { urgentWaits, commandsWait } = presenceFlags;
    return this.table.has(number, this.isIdle(number) ? urgentWaits : commandsWait);
  }

  isUrgentWaiting(number: number): boolean {
    return this.table.has(number, presenceFlags.urgentWaits);
  }

  /** Epoch whose proofs are accepted, or `undefined` for a product that is unknown or disabled. */
  findEpoch(number: number): number | undefined {
    if (!this.table.isKnown(number) || this.table.has(number, presenceFlags.disabled)) return undefined;
    return this.table.columns.epoch[number];
  }

  isDisabled(number: number): boolean {
    return this.table.has(number, presenceFlags.disabled);
  }

  /**
   * Any authenticated call is a sign of life. One that was under way when the product said goodbye does not take the goodbye
   * back; a handshake does, and so does a later heartbeat.
   */
  recordSign(number: number, kind: SignKind): void {
    if (this.findEpoch(number) === undefined) return;
    if (kind === 'handshake') this.table.set(number, presenceFlags.goingAway, false);
    this.#applySign(number, reasonCode[kind]);
  }

  recordHeartbeat(heartbeat: ReceivedHeartbeat, kind: HeartbeatKind): HeartbeatOutcome {
    const number = heartbeat.productNumber;
    // A product that has no record has no epoch either.
    if (this.findEpoch(number) !== heartbeat.epoch) return 'handshake-needed';
    const { columns } = this.table;
    const lastSequence = columns.lastSequence[number] ?? 0;
    // Over HTTPS the answer certainly arrives; by UDP it does where answers were seen to arrive.
    const isTold = kind === 'heartbeat-https' || this.table.has(number, presenceFlags.answered);
    if (!(heartbeat.sequence > lastSequence)) {
      if (heartbeat.sequence !== lastSequence) return 'replayed';
      if (isTold) this.#tellEitherInterval(number);
      return 'repeated';
    }
    columns.lastSequence[number] = heartbeat.sequence;
    columns.serviceState[number] = serviceStates.indexOf(heartbeat.serviceState);
    this.table.set(number, presenceFlags.goingAway, heartbeat.isGoingAway);
    if (heartbeat.hasItems) this.table.writeActivity(number, decodeActivity(heartbeat.listItems()));
    else this.table.forgetActivity(number);
    this.#applySign(number, reasonCode[kind]);
    if (isTold) this.#tellEitherInterval(number);
    return 'accepted';
  }

  /** The product has just been told the present interval. */
  tellInterval(number: number): void {
    this.table.columns.intervalMs[number] = this.nextIntervalMs(number);
  }

  /** The answer tells the present interval, but it may be lost. */
  #tellEitherInterval(number: number): void {
    if (this.#deadlines.noteEitherInterval(number, this.nextIntervalMs(number)))
      this.#scheduleDeadline(number);
  }

  /**
   * New profiles, and who has which; whoever is not named has that of the top. Of two assignments that name the same product the
   * later one counts. Products that are silent already are measured anew; the others with their next sign.
   */
  replaceProfiles(
    profiles: readonly PresenceProfile[],
    top: number,
    assignments: readonly { readonly profile: number; readonly productNumbers: readonly number[] }[],
  ): void {
    this.profiles.replace(profiles);
    this.table.columns.profile.fill(top);
    for (const { profile, productNumbers } of assignments) {
      for (const number of productNumbers) {
        if (number < this.table.capacity) this.table.columns.profile[number] = profile;
      }
    }
    for (let number = 1; number < this.table.capacity; number += 1) this.#fitToHours(number);
  }

  /** A product moved, or is about to join. */
  assignProfile(number: number, profile: number): void {
    this.reserve(number);
    if (this.#profileOf(number) === profile) return;
    this.table.columns.profile[number] = profile;
    this.#fitToHours(number);
  }

  /** One turn: whoever has been silent for too long changes its status. To be called every {@link TICK_MS}. */
  turn(): void {
    const missedMs = this.#attentive.turn();
    const tick = this.#nowTick();
    this.#grace.noteTurn(tick, missedMs);
    const { columns } = this.table;
    this.#wheel.turnTo(tick, (number) => {
      const graceTick = this.#grace.endFor(this.#timesOf(number).heartbeatIntervalMs);
      if (tick < graceTick) this.#wheel.schedule(number, graceTick);
      else if (columns.status[number] === statusCode.online && !this.#deadlines.isTimedOut(number)) {
        this.#deadlines.awaitTimeout(number);
        this.#onLate(number);
      } else this.#expire(number);
    });
    const changed = new Set(this.profiles.turn());
    if (changed.size === 0) return;
    for (let number = 1; number < this.table.capacity; number += 1) {
      if (changed.has(this.#profileOf(number))) this.#fitToHours(number);
    }
  }

  isLate(number: number): boolean {
    return this.table.columns.status[number] === statusCode.online && this.#deadlines.isLate(number);
  }

  /**
   * A product whose heartbeat is late was called, and did not answer, and what was its port is closed: nobody runs there. Changes
   * nothing when it was heard meanwhile.
   */
  noteClosedPort(number: number): void {
    const { columns } = this.table;
    if (!this.isLate(number) || this.isIdle(number)) return;
    columns.reason[number] = reasonCode['port-closed'];
    this.#setStatus(number, statusCode['timed-out']);
    this.#scheduleDeadline(number);
    this.unsaved.add(number);
  }

  current(number: number): Presence {
    return this.table.readPresence(number);
  }

  #makeKnown(number: number): void {
    this.table.makeRoomFor(number);
    this.#wheel.grow(this.table.capacity);
    this.table.columns.flags[number] = presenceFlags.known;
    this.#count += 1;
  }

  #applySign(number: number, reason: number): void {
    const { columns } = this.table;
    const isGoingAway = this.table.has(number, presenceFlags.goingAway);
    const isStopped = isGoingAway || columns.serviceState[number] === serviceStates.indexOf('stopped');
    columns.lastSeenAt[number] = this.#clock.now();
    columns.signTick[number] = this.#nowTick();
    columns.awaitedMs[number] = columns.intervalMs[number] ?? 0;
    if (columns.reason[number] === reasonCode['before-restart']) this.unannounced.add(number);
    columns.reason[number] = isGoingAway ? reasonCode['agent-stopped'] : reason;
    const awake = this.isIdle(number) ? statusCode.idle : statusCode.online;
    this.#setStatus(number, isStopped ? statusCode['service-stopped'] : awake);
    this.unsaved.add(number);
    this.#scheduleDeadline(number);
  }

  #expire(number: number): void {
    if (this.isIdle(number)) return;
    const { columns } = this.table;
    const isOnline = columns.status[number] === statusCode.online;
    if (isOnline && !this.#deadlines.isOver(number)) {
      columns.reason[number] = reasonCode.silent;
      this.#setStatus(number, statusCode['timed-out']);
      this.#scheduleDeadline(number);
    } else {
      const isExplained =
        this.table.has(number, presenceFlags.goingAway) ||
        columns.reason[number] === reasonCode['port-closed'];
      if (!isExplained) columns.reason[number] = reasonCode.silent;
      this.#setStatus(number, statusCode.offline);
    }
    this.unsaved.add(number);
  }

  #scheduleDeadline(number: number): void {
    const code = this.table.columns.status[number];
    const isOnline = code === statusCode.online;
    if (!isOnline && code !== statusCode['timed-out'] && code !== statusCode['service-stopped']) return;
    if (this.isIdle(number)) {
      this.#wheel.cancel(number);
      return;
    }
    if (isOnline) this.#deadlines.awaitSign(number);
    else this.#deadlines.awaitEnd(number);
  }

  #profileOf(number: number): number {
    return this.table.columns.profile[number] ?? 0;
  }

  #timesOf(number: number): CommunicationTimes {
    return this.profiles.timesOf(this.#profileOf(number));
  }

  /** The hours or the times of the product are others than before. Silence in idle hours is none. */
  #fitToHours(number: number): void {
    if (!this.table.isKnown(number)) return;
    const { columns } = this.table;
    const status = columns.status[number];
    const isAwake = status === statusCode.online || status === statusCode['timed-out'];
    if (this.isIdle(number)) {
      this.#wheel.cancel(number);
      if (isAwake) this.#setIdle(number);
    } else if (status === statusCode.idle) {
      // It has until the timeout to report.
      columns.signTick[number] = this.#nowTick();
      this.#setStatus(number, statusCode.online);
      this.unsaved.add(number);
      this.#scheduleDeadline(number);
    } else if (status === statusCode['timed-out'] || status === statusCode['service-stopped']) {
      this.#scheduleDeadline(number);
    }
  }

  #setIdle(number: number): void {
    this.table.columns.reason[number] = reasonCode['idle-hours'];
    this.#setStatus(number, statusCode.idle);
    this.unsaved.add(number);
  }

  #setStatus(number: number, code: number): void {
    const { status, changedAt } = this.table.columns;
    if (status[number] === code) return;
    this.table.leaveStatus(number);
    this.table.enterStatus(number, code);
    changedAt[number] = this.#clock.now();
    this.statusUnsaved.add(number);
    this.unannounced.add(number);
  }

  #nowTick(): number {
    return Math.floor(this.#attentive.now() / TICK_MS);
  }
}
