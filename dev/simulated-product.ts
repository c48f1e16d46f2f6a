import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, hasCode } from '@holdfast/kernel';
import {
  capabilityVersion,
  type Command,
  type CommandReport,
  type ComponentState,
  commandDefinitions,
  createMcpClient,
  type EnrolmentToken,
  encodeActivity,
  encodeTroubles,
  isHandshakeNeeded,
  type LogEntry,
  type McpClient,
  type McpState,
  type PinnedAuthority,
  planNextHeartbeatMs,
  type ProductFacts,
  type Trouble,
} from '@holdfast/protocol';
import { createAssertionSigner, createProductKey, exportProductKey, importProductKey } from '@holdfast/trust';
import type { Computer } from './computers.ts';
import { resultOf, stepsOf } from './command-results.ts';
import type { LogSample } from './log-samples.ts';

/** What a product makes of the commands that it is given. */
export type Manner =
  | 'obedient'
  | 'failing'
  /** Says that it has them, and begins none. */
  | 'accepting'
  /** Begins them, ends none, and takes no notice of whoever cancels them. */
  | 'lingering'
  /** Fetches them and says nothing. */
  | 'ignoring';

/** What a product is, and goes on being after another start. */
export interface ProductTraits {
  readonly computer: Computer;
  readonly transport: 'udp' | 'https';
  readonly manner: Manner;
  /** It lives, and the service that it speaks for has been stopped. */
  readonly isServiceStopped?: boolean;
  readonly troubles?: readonly Trouble[];
}

export interface SavedProduct {
  readonly key: string;
  readonly state: McpState;
  readonly traits: ProductTraits;
  readonly components?: readonly ComponentState[];
}

/** The server that products belong to. */
export interface ProductServer {
  readonly origin: string;
  readonly authority: PinnedAuthority;
  readonly clock: Clock;
}

const HOUR_S = 3_600;

/** An endpoint agent of a computer that is not there. It speaks the real protocol by the real client. */
export class SimulatedProduct {
  readonly traits: ProductTraits;
  readonly #server: ProductServer;
  readonly #key: ReturnType<typeof createProductKey>;
  readonly #client: McpClient;
  readonly #journal = randomUUID();
  readonly #begun = new Set<string>();
  readonly #cancelled = new Set<string>();
  #components: readonly ComponentState[];
  #sequence = 0;
  #state: McpState | undefined;
  #intervalMs = 20_000;
  #isConnected = false;
  #isLive = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: ProductServer, traits: ProductTraits, saved?: Omit<SavedProduct, 'traits'>) {
    this.traits = traits;
    this.#components = saved?.components ?? [];
    this.#server = server;
    this.#key = saved === undefined ? createProductKey() : importProductKey(saved.key);
    this.#state = saved?.state;
    this.#client = this.#createClient();
  }

  get deviceId(): string {
    return this.#state?.deviceId ?? '';
  }

  get productNumber(): number {
    return this.#state?.productNumber ?? 0;
  }

  get isLive(): boolean {
    return this.#isLive;
  }

  /** Another computer with this one's key and records, as a copied disk makes it. */
  copyOnto(computer: Computer): SimulatedProduct {
    return new SimulatedProduct(this.#server, { ...this.traits, computer }, this.save());
  }

  /** To come back as the same product. @throws Error before it is registered */
  save(): SavedProduct {
    if (this.#state === undefined) throw new Error(`${this.traits.computer.name} is not registered`);
    return {
      key: exportProductKey(this.#key),
      state: this.#state,
      traits: this.traits,
      components: this.#components,
    };
  }

  async register(token: EnrolmentToken): Promise<void> {
    await this.#client.register(token, this.#facts);
  }

  /** For one whose key another computer uses: asks for a record of its own under a new key, for which an administrator has to agree. */
  async registerAnew(): Promise<void> {
    const fresh = new SimulatedProduct(this.#server, this.traits);
    await fresh.#client.registerAnew(this.save().state.receipt, fresh.#facts);
    fresh.fallSilent();
  }

  /** Settles how to communicate. */
  async connect(): Promise<void> {
    ({ intervalMs: this.#intervalMs } = await this.#client.handshake(this.#facts));
    const { mode } = await this.#client.negotiateTransport();
    this.#isConnected = true;
    if (mode === 'two-way-held') void this.#holdStream();
  }

  /** One sign of life. @returns whether commands wait */
  async beat(): Promise<boolean> {
    const { isServiceStopped = false } = this.traits;
    const { acknowledgement } = await this.#client.sendHeartbeat(
      this.#describeNow({ goingAway: false, serviceState: isServiceStopped ? 'stopped' : 'running' }),
    );
    this.#intervalMs = acknowledgement?.nextIntervalMs ?? this.#intervalMs;
    if (acknowledgement?.handshakeAgain === true) this.#isConnected = false;
    return acknowledgement?.commandsWait ?? false;
  }

  /** @returns what the server answered */
  async putInventory(): Promise<{ readonly digest: string; readonly changed: boolean }> {
    const nowMs = Math.floor(this.#server.clock.now());
    const startedAt = new Date(nowMs - this.#uptimeS * 1_000).toISOString();
    const { facts } = this.traits.computer;
    return await this.#client.putInventory({
      collectedAt: nowMs,
      facts: { ...facts, bootedAt: startedAt, agent: { ...facts.agent, startedAt } },
    });
  }

  /** How it is with all its components. @param components ascending by component */
  async reportComponents(components: readonly ComponentState[]): Promise<void> {
    this.#components = components;
    const checkedAt = Math.floor(this.#server.clock.now());
    await this.#client.putComponentStates({ checkedAt, components: [...components] });
  }

  /** @param lost so many entries were acknowledged that the server has not, as after the restore of an old backup */
  async log(samples: readonly LogSample[], lost = 0): Promise<void> {
    this.#sequence += lost;
    const acknowledged = this.#sequence;
    const entries = samples.map(({ ageMs = 200, ...entry }): LogEntry => {
      this.#sequence += 1;
      return { ...entry, sequence: this.#sequence, at: Math.floor(this.#server.clock.now() - ageMs) };
    });
    await this.#client.sendLogs(this.#journal, entries, acknowledged);
  }

  /** Fetches what waits, and does with it what its manner is: at once, or in the time that people take. */
  async obey(pace: 'at-once' | 'by-and-by' = 'at-once'): Promise<void> {
    const { commands, cancel } = await this.#client.claimCommands();
    for (const id of cancel) this.#cancelled.add(id);
    for (const command of commands) {
      if (this.#begun.has(command.id)) continue;
      this.#begun.add(command.id);
      const work = this.#carryOut(command, pace);
      if (pace === 'at-once') await work;
      else work.catch((error: unknown) => this.#note(error));
    }
  }

  /** Goes on living by itself: heartbeats at the server's pace, commands, calls of the server. */
  start(firstInMs = 0): void {
    this.#isLive = true;
    this.#schedule(firstInMs);
  }

  /** Ends without a word, as a power cut ends it. */
  fallSilent(): void {
    this.#isLive = false;
    this.#isConnected = false;
    clearTimeout(this.#timer);
    this.#client.close();
  }

  /** Ends as a computer does that is shut down. */
  async sayGoodbye(): Promise<void> {
    this.#isLive = false;
    clearTimeout(this.#timer);
    await this.#client.sendHeartbeat(this.#describeNow({ goingAway: true, serviceState: 'stopped' }));
    this.fallSilent();
  }

  get #facts(): ProductFacts {
    const { computer, transport } = this.traits;
    const { name, platform, hardwareId, installationId, agentVersion, facts } = computer;
    return {
      product: { kind: 'endpoint-agent', name: 'Holdfast agent', version: agentVersion },
      device: {
        name,
        platform,
        hardwareId,
        ...(installationId === undefined ? {} : { installationId }),
        architecture: facts.system?.architecture ?? 'x64',
      },
      capabilities: {
        capabilityVersion,
        udp: transport !== 'https',
        commands: commandDefinitions.map(({ type }) => type),
      },
    };
  }

  get #uptimeS(): number {
    // Another one for each computer, and the same whenever it is asked.
    return (Number.parseInt(this.traits.computer.hardwareId.slice(0, 6), 16) % 700) * HOUR_S + 300;
  }

  #createClient(): McpClient {
    const { origin, authority, clock } = this.#server;
    return createMcpClient({
      addresses: [origin],
      authority,
      clock,
      signer: createAssertionSigner(this.#key),
      store: {
        load: () => Promise.resolve(this.#state),
        save: async (state) => {
          this.#state = state;
        },
      },
      notifications: {
        mayListen: false,
        onNotification: ({ commandsWait, handshakeAgain }) => {
          if (handshakeAgain) this.#isConnected = false;
          if (this.#isLive && (commandsWait || handshakeAgain)) this.#schedule(0);
        },
      },
    });
  }

  #describeNow(state: { goingAway: boolean; serviceState: 'running' | 'stopped' }) {
    const { troubles = [] } = this.traits;
    const wobble = (this.#server.clock.now() / 1_000 + this.productNumber * 37) % 60;
    return {
      ...state,
      waitingLogEntries: 0,
      policyRevision: 0,
      componentSetDigest: new Uint8Array(8),
      items: encodeActivity({
        uptimeS: this.#uptimeS,
        ...(this.traits.computer.platform === 'windows' ? {} : { loadAverageHundredths: wobble * 4 }),
        memoryInUsePercent: 25 + wobble,
        agentMemoryKiB: 54_000 + wobble * 90,
        systemVolumeFreePercent: (this.productNumber * 13) % 97,
        ...(troubles.length === 0 ? {} : { troubles: encodeTroubles(new Set(troubles)) }),
      }),
    };
  }

  async #carryOut(command: Command, pace: 'at-once' | 'by-and-by'): Promise<void> {
    const { manner } = this.traits;
    if (manner === 'ignoring') return;
    const unsent: CommandReport[] = [];
    const report = async (what: Omit<CommandReport, 'commandId' | 'at'>): Promise<void> => {
      unsent.push({ commandId: command.id, at: Math.floor(this.#server.clock.now()), ...what });
      if (pace === 'by-and-by') await send();
    };
    const send = async () => await this.#client.sendReports(unsent.splice(0));
    await this.#work(command, pace, report);
    if (unsent.length > 0) await send();
  }

  async #work(
    command: Command,
    pace: 'at-once' | 'by-and-by',
    report: (what: Omit<CommandReport, 'commandId' | 'at'>) => Promise<void>,
  ): Promise<void> {
    const { manner } = this.traits;
    await report({ state: 'accepted' });
    if (manner === 'accepting') return;
    const steps = stepsOf(command.type);
    for (const [index, text] of steps.entries()) {
      if (pace === 'at-once' && index > 0) break;
      const percent = Math.round((100 * (index + 0.4)) / steps.length);
      await report({ state: 'running', progress: { percent, text } });
      if (manner === 'lingering') return;
      if (pace === 'by-and-by') await pause(600 + Math.random() * 1_500, undefined, { ref: false });
      if (this.#cancelled.has(command.id)) {
        return await report({ state: 'cancelled', detail: `Ended while it was at: ${text}.` });
      }
    }
    if (manner === 'failing') {
      return await report({
        state: 'failed',
        code: 'INVENTORY_INCOMPLETE',
        detail: 'The list of disks could not be read: lsblk ended with status 32.',
      });
    }
    const inventory = command.type === 'collect-inventory' ? await this.putInventory() : undefined;
    const components = command.type === 'update-now' ? await this.#update() : undefined;
    await report({
      state: 'succeeded',
      result: resultOf(command, { inventory, components, nowMs: this.#server.clock.now() }),
    });
  }

  /** It gets everything that it was after. @returns what it has then */
  async #update(): Promise<readonly ComponentState[]> {
    const changedAt = Math.floor(this.#server.clock.now());
    const updated = this.#components.map(({ component, release, target, ...rest }): ComponentState => {
      const newest = target ?? release;
      if (newest === undefined || newest === release)
        return { component, ...rest, ...(release && { release }) };
      return { component, release: newest, state: 'up-to-date', changedAt };
    });
    if (updated.length > 0) await this.reportComponents(updated);
    return updated;
  }

  async #holdStream(): Promise<void> {
    await this.#client.holdStream().catch((error: unknown) => this.#note(error));
    // The next heartbeat opens another one.
    if (this.#isLive) this.#isConnected = false;
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#turn(), inMs);
  }

  async #turn(): Promise<void> {
    try {
      if (!this.#isConnected) await this.connect();
      if (await this.beat()) await this.obey('by-and-by');
    } catch (error) {
      this.#note(error);
    }
    if (this.#isLive) this.#schedule(planNextHeartbeatMs(this.#intervalMs, Math.random()));
  }

  /** What went wrong is tried again with the next heartbeat. A product that was ended meanwhile has nothing to say. */
  #note(error: unknown): void {
    if (isHandshakeNeeded(error) || hasCode(error, 'HANDSHAKE_MISSING')) this.#isConnected = false;
  }
}
