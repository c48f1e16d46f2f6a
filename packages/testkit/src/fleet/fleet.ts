import { randomBytes, randomUUID } from 'node:crypto';
import type { EnrolmentToken, PinnedAuthority } from '@holdfast/protocol';
import { planArrivalMs } from './arrival-plan.ts';
import { ClaimErrands } from './claim-errand.ts';
import { DatagramReader } from './datagram-reader.ts';
import { DelayLine } from './delay-line.ts';
import { drawAt, DrawPurpose } from './draw.ts';
import { classifyRefusal } from './failure-kind.ts';
import { planProduct } from './fault-plan.ts';
import { AnswerInvalid, CallRefused, FleetCalls, isCallFailure, nameFleet } from './fleet-calls.ts';
import { createFleetCounts } from './fleet-counts.ts';
import { createTokenRefusal } from './fleet.errors.ts';
import { FleetNetwork } from './fleet-network.ts';
import { type FleetSettings, hasUdp, simulatedCommandTypes } from './fleet-settings.ts';
import type { FleetSnapshot } from './fleet-snapshot.ts';
import type { SavedFleet } from './fleet-state-file.ts';
import { type FleetTarget, planSources } from './fleet-target.ts';
import { HeartbeatTimes } from './heartbeat-times.ts';
import { createHttpsLanes, type HttpsLanes } from './https-lanes.ts';
import { ProductColumns } from './product-columns.ts';
import { ProductKeys } from './product-keys.ts';
import { ProductSessions } from './product-sessions.ts';
import {
  type CallName,
  Phase,
  type ProductAction,
  type ProductEvent,
  type ProductTraits,
} from './product-state.ts';
import { stepProduct } from './product-step.ts';
import { RegistrationQueue } from './registration-queue.ts';
import { TimingWheel } from './timing-wheel.ts';

const TICK_MS = 10;

/** A call with the product's access token; its event, when there is one. */
type Work = (accessToken: string) => Promise<ProductEvent | undefined>;

/** A running fleet; see `createFleet`. */
export class Fleet {
  readonly #settings: FleetSettings;
  readonly #target: FleetTarget;
  readonly #authority: PinnedAuthority;
  readonly #token: EnrolmentToken | undefined;
  readonly #keys: ProductKeys;
  readonly #calls: FleetCalls;
  readonly #lanes: HttpsLanes;
  readonly #network: FleetNetwork;
  readonly #columns: ProductColumns;
  readonly #sessions: ProductSessions;
  readonly #wheel: TimingWheel;
  readonly #counts = createFleetCounts();
  readonly #errors = new Map<string, number>();
  readonly #draws: Uint32Array;
  /** How often each product was started; answers to an earlier life are not its own. */
  readonly #lives: Uint16Array;
  readonly #times: HeartbeatTimes;
  readonly #reader: DatagramReader;
  readonly #clockOffsetsMs: Float64Array;
  readonly #claims: ClaimErrands;
  /** What the plan of faults does to products. */
  readonly #faults = new DelayLine<() => void>(100);
  readonly #run = randomUUID();
  readonly #startedAtMs: number;
  #serverAheadMs = 0;
  #intervalMs = 0;
  readonly #registrations: RegistrationQueue;
  #timer: NodeJS.Timeout | undefined;
  #onRegistered: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  #isStopped = false;

  constructor(options: {
    readonly settings: FleetSettings;
    readonly target: FleetTarget;
    readonly token: EnrolmentToken | undefined;
    readonly authority: PinnedAuthority;
  }) {
    const { settings, target, authority } = options;
    const { products, seed, saved } = settings;
    this.#settings = settings;
    this.#target = target;
    this.#authority = authority;
    this.#token = options.token;
    this.#keys = new ProductKeys(
      saved === undefined ? randomBytes(32) : Buffer.from(saved.secret, 'base64url'),
    );
    const sources = planSources(settings.addresses, target);
    this.#lanes = createHttpsLanes({ ...settings, target, authority: authority.certificate, sources });
    this.#calls = new FleetCalls({
      lanes: this.#lanes,
      keys: this.#keys,
      fingerprint: authority.fingerprint,
      name: nameFleet(this.#keys.exportSecret()),
      commandTypes: settings.obeysCommands ? simulatedCommandTypes : [],
      usesUdp: (index) => hasUdp(settings, index),
    });
    this.#claims = new ClaimErrands(this.#calls, this.#counts);
    this.#columns = new ProductColumns(products);
    this.#sessions = new ProductSessions(products, seed);
    this.#wheel = new TimingWheel({ items: products, tickMs: TICK_MS });
    this.#draws = new Uint32Array(products);
    this.#lives = new Uint16Array(products);
    this.#times = new HeartbeatTimes(products);
    this.#clockOffsetsMs = new Float64Array(products);
    this.#startedAtMs = settings.clock.monotonic();
    this.#network = new FleetNetwork({
      products,
      seed,
      faults: settings.networkFaults,
      counts: this.#counts,
      address: target.address,
      sources,
      nowMs: () => this.#nowMs(),
      findAddressee: (bytes) => this.#sessions.findAddressee(bytes),
      onDatagram: (bytes) => this.#receive(bytes),
    });
    this.#reader = new DatagramReader({
      sessions: this.#sessions,
      times: this.#times,
      counts: this.#counts,
      nowMs: () => this.#nowMs(),
      send: (index, bytes) => this.#network.send(index, bytes),
    });
    for (const product of saved?.products ?? []) {
      if (product.index >= products) continue;
      this.#sessions.recordRegistration(product.index, product);
      this.#columns.store(product.index, { ...this.#columns.load(product.index), phase: Phase.registered });
    }
    this.#registrations = new RegistrationQueue({
      max: settings.connections,
      nowMs: () => this.#nowMs(),
      run: async (index) => this.#register(index),
    });
    this.#timer = setInterval(() => {
      const nowMs = this.#nowMs();
      this.#wheel.advance(nowMs, (index) => this.#dispatch(index, { type: 'timer' }));
      this.#network.release(nowMs);
      this.#faults.release(nowMs, (strike) => strike());
    }, TICK_MS);
  }

  /**
   * Registers every product that is not yet, as fast as the server lets it.
   *
   * @throws FleetError FLEET_REGISTRATION_REFUSED when the token is not good (any more)
   */
  async register(): Promise<void> {
    const registered = Promise.withResolvers<void>();
    this.#onRegistered = registered;
    for (let index = 0; index < this.#columns.count; index++) this.#dispatch(index, { type: 'register' });
    this.#tellRegistered();
    await registered.promise;
  }

  /** Starts all products along the curve of arrivals, and the plan of faults with them. */
  start(): void {
    const { arrival, arriveWithinMs: withinMs, seed, products: count } = this.#settings;
    const nowMs = this.#nowMs();
    for (let index = 0; index < count; index++) {
      const draw = (nth: number): number => drawAt(seed, index, DrawPurpose.arrival, nth);
      const state = this.#columns.load(index);
      const atMs = nowMs + planArrivalMs(arrival, { index, count, withinMs }, draw);
      if (state.phase === Phase.registered || state.phase === Phase.off) this.#wheel.schedule(index, atMs);
      else this.#columns.store(index, { ...state, isStarted: true });
      this.#planFaults(index);
    }
  }

  /** All computers are switched off at once, and start again within this time. */
  restartAll(withinMs: number): void {
    this.#counts.restarts++;
    for (let index = 0; index < this.#columns.count; index++) {
      this.#lives[index] = (this.#lives[index] ?? 0) + 1;
      this.#dispatch(index, { type: 'restart', afterMs: this.#draw(index) * withinMs });
    }
  }

  /** @param options.takesLatency the latencies of the next snapshot begin anew */
  snapshot(options: { readonly takesLatency: boolean } = { takesLatency: false }): FleetSnapshot {
    const snapshot: FleetSnapshot = {
      products: this.#columns.countAll(),
      counts: { ...this.#counts },
      errors: Object.fromEntries(this.#errors),
      ...this.#times.describe(),
      waitingCalls: this.#lanes.waiting,
      intervalMs: this.#intervalMs,
    };
    if (options.takesLatency) this.#times.forgetLatest();
    return snapshot;
  }

  /** The registered products, to come back as them another time. */
  save(): SavedFleet {
    return {
      server: this.#target.origin,
      authority: this.#authority.certificate,
      fingerprint: this.#authority.fingerprint,
      secret: this.#keys.exportSecret(),
      products: this.#sessions.listRegistered(),
    };
  }

  /** Switches everything off, as a power cut does: no product says goodbye. */
  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#timer);
    this.#registrations.clear();
    this.#onRegistered?.resolve();
    this.#network.close();
    this.#lanes.close();
  }

  #dispatch(index: number, event: ProductEvent): void {
    if (this.#isStopped) return;
    const before = this.#columns.load(index);
    const step = stepProduct(before, event, this.#traitsOf(index), () => this.#draw(index));
    this.#columns.store(index, step.state);
    if (step.timer === 'none') this.#wheel.cancel(index);
    else if (step.timer !== 'keep') this.#wheel.schedule(index, this.#nowMs() + step.timer);
    for (const action of step.actions) this.#act(index, action);
  }

  #act(index: number, action: ProductAction): void {
    switch (action.type) {
      case 'register':
        this.#registrations.add(index);
        return;
      case 'handshake':
        this.#begin(index, 'handshake', () => this.#shakeHands(index));
        return;
      case 'probe':
        this.#network.send(index, this.#sessions.sealProbe(index, action.sequence));
        return;
      case 'choose-transport':
        this.#begin(index, 'transport', async (token) => {
          const { probesSent, acknowledged } = action;
          const answer = await this.#calls.chooseTransport(index, token, { probesSent, acknowledged });
          return { type: 'transport-chosen', transport: answer.transport };
        });
        return;
      case 'heartbeat':
        this.#beat(index, action);
        return;
      case 'claim':
        this.#begin(index, 'claim', (token) => this.#claims.run(index, token, () => this.#readClock(index)));
        return;
    }
  }

  /**
   * Runs a call; its outcome is an event of the product, unless the product was restarted meanwhile.
   *
   * @throws what the call threw, once the product knows of it
   */
  async #call(index: number, name: CallName, work: Work): Promise<void> {
    const life = this.#lives[index];
    const isOwn = (): boolean => this.#lives[index] === life;
    try {
      const event = await work(this.#sessions.accessTokenOf(index) ?? '');
      if (event !== undefined && isOwn()) this.#dispatch(index, event);
    } catch (error) {
      if (!this.#isStopped) this.#fail(index, name, error, isOwn());
      throw error;
    } finally {
      if (name === 'registration') this.#tellRegistered();
    }
  }

  /** The same, for whom the event of the product says it all. */
  #begin(index: number, name: CallName, work: Work): void {
    this.#call(index, name, work).catch(() => undefined);
  }

  #fail(index: number, call: CallName, error: unknown, isOwn: boolean): void {
    if (!isCallFailure(error)) {
      // A fault of the fleet itself, which must not pass for one of the server: it ends the process.
      queueMicrotask(() => {
        throw error;
      });
      return;
    }
    this.#errors.set(error.code, (this.#errors.get(error.code) ?? 0) + 1);
    const kind = error instanceof CallRefused ? classifyRefusal(call, error) : 'unreachable';
    const retryAfterMs = error instanceof CallRefused ? error.retryAfterMs : 0;
    if (isOwn) this.#dispatch(index, { type: 'failed', failure: { call, kind, retryAfterMs } });
    if (call === 'registration' && error.code.startsWith('ENROLMENT_TOKEN_'))
      this.#onRegistered?.reject(createTokenRefusal(error.code));
  }

  async #register(index: number): Promise<void> {
    const token = this.#token;
    if (token === undefined) return;
    await this.#call(index, 'registration', async () => {
      const answer = await this.#calls.register(index, token);
      if (answer.state === 'awaiting-approval')
        return { type: 'awaiting-approval', retryAfterMs: answer.retryAfterMs };
      this.#counts.registered++;
      this.#sessions.recordRegistration(index, answer);
      return { type: 'registered' };
    });
  }

  #tellRegistered(): void {
    const left = this.#columns.countOf(Phase.off) + this.#columns.countOf(Phase.registering);
    if (left === 0) this.#onRegistered?.resolve();
  }

  async #shakeHands(index: number): Promise<ProductEvent> {
    const { clock } = this.#settings;
    const answer = await this.#calls.shakeHands(index, {
      receipt: this.#sessions.receiptOf(index),
      lastEpoch: this.#sessions.epochOf(index),
      instance: this.#keys.deriveInstance(index, this.#run, this.#lives[index] ?? 0),
      clockMs: this.#readClock(index).productNowMs,
    });
    const { heartbeat } = answer;
    if (heartbeat.udp !== null && hasUdp(this.#settings, index)) await this.#network.open(heartbeat.udp.port);
    this.#counts.handshakes++;
    this.#serverAheadMs = answer.serverTimeMs - clock.now();
    this.#intervalMs = heartbeat.intervalMs;
    this.#sessions.recordHandshake(index, answer);
    return {
      type: 'handshaken',
      intervalMs: heartbeat.intervalMs,
      returnSpreadMs: heartbeat.returnSpreadMs ?? 0,
      takesDatagrams: heartbeat.udp !== null,
    };
  }

  #beat(index: number, action: Extract<ProductAction, { type: 'heartbeat' }>): void {
    const bytes = this.#sessions.sealHeartbeat(index, action.isNew);
    if (action.isNew) {
      this.#counts.heartbeats++;
      this.#times.begin(index, this.#nowMs());
    } else if (action.by === 'udp') this.#counts.heartbeatsRepeated++;
    if (action.by === 'udp') {
      this.#network.send(index, bytes);
      return;
    }
    this.#counts.heartbeatsByHttps++;
    this.#begin(index, 'heartbeat', async () => {
      const opened = this.#sessions.open(await this.#calls.sendHeartbeat(index, bytes));
      const event = opened?.index === index ? this.#reader.read(index, opened.datagram, 'https') : undefined;
      // A handshake may have come in between: then the answer belongs to the epoch before.
      if (event === undefined && this.#columns.phaseOf(index) === Phase.connected)
        throw new AnswerInvalid('The heartbeat was not acknowledged in the right form.');
      return event;
    });
  }

  #receive(bytes: Uint8Array): void {
    const opened = this.#isStopped ? undefined : this.#sessions.open(bytes);
    const isHeard = opened !== undefined && this.#columns.phaseOf(opened.index) !== Phase.silent;
    const event = isHeard ? this.#reader.read(opened.index, opened.datagram, 'udp') : undefined;
    if (opened === undefined || event === undefined) this.#counts.datagramsIgnored++;
    else this.#dispatch(opened.index, event);
  }

  #traitsOf(index: number): ProductTraits {
    const { obeysCommands, forcedIntervalMs } = this.#settings;
    return { usesUdp: hasUdp(this.#settings, index), obeysCommands, forcedIntervalMs };
  }

  /** Server time, as the last handshake told it, and the product's own, which may have jumped. */
  #readClock(index: number): { serverNowMs: number; productNowMs: number } {
    const nowMs = this.#settings.clock.now();
    return {
      serverNowMs: nowMs + this.#serverAheadMs,
      productNowMs: nowMs + (this.#clockOffsetsMs[index] ?? 0),
    };
  }

  #draw(index: number): number {
    const nth = this.#draws[index] ?? 0;
    this.#draws[index] = nth + 1;
    return drawAt(this.#settings.seed, index, DrawPurpose.pacing, nth);
  }

  #planFaults(index: number): void {
    const { seed, runMs, productFaults } = this.#settings;
    const { clockJump, silentAtMs } = planProduct(productFaults, runMs, {
      clockJump: (nth) => drawAt(seed, index, DrawPurpose.clockJump, nth),
      silence: (nth) => drawAt(seed, index, DrawPurpose.silence, nth),
    });
    const nowMs = this.#nowMs();
    if (clockJump !== undefined) {
      this.#faults.add(() => {
        this.#counts.clockJumps++;
        this.#clockOffsetsMs[index] = clockJump.byMs;
      }, nowMs + clockJump.atMs);
    }
    if (silentAtMs !== undefined)
      this.#faults.add(() => this.#dispatch(index, { type: 'silence' }), nowMs + silentAtMs);
  }

  #nowMs(): number {
    return this.#settings.clock.monotonic() - this.#startedAtMs;
  }
}
