import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createInventoryCollector } from '@holdfast/agent/src/modules/inventory/index.ts';
import type { LoopTimer } from '@holdfast/agent/src/platform/timers.ts';
import { runInProcess } from '@holdfast/agent/src/testing/program-in-process.ts';
import { openEnrolledAgent } from '@holdfast/agent/src/testing/running-agent.ts';
import { createTemporaryFolder } from '@holdfast/agent/src/platform/test-folder.ts';
import { defineTestCommand } from '@holdfast/agent/src/testing/test-command.ts';
import { getDevice, getSettings, issueCommand, listDevices } from '@holdfast/api';
import { systemClock } from '@holdfast/kernel';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { callApi } from '@holdfast/server/src/testing/test-api.ts';
import { createTestClock, type TestClock } from '@holdfast/server/src/platform/clock/test-clock.ts';
import { createTestToken } from '@holdfast/server/src/testing/test-product.ts';
import { startTestServer, type TestServer } from '@holdfast/server/src/testing/test-server.ts';
import { FaultyNetwork } from './faulty-network.ts';
import { PresenceModel } from './presence-model.ts';
import { until } from './until.ts';

const TURN_MS = 250;
const WEEK_MS = 7 * 86_400_000;

type RunningAgent = Awaited<ReturnType<typeof openEnrolledAgent>>;

/** A timer of the loop that goes by a clock of the test. */
class VirtualTimer implements LoopTimer {
  readonly #clock: TestClock;
  #due: { readonly atMs: number; readonly callback: () => void } | undefined;

  constructor(clock: TestClock) {
    this.#clock = clock;
  }

  set(delayMs: number, callback: () => void): void {
    this.#due = { atMs: this.#clock.monotonic() + delayMs, callback };
  }

  clear(): void {
    this.#due = undefined;
  }

  /** @returns false when it is not time yet */
  fire(): boolean {
    const due = this.#due;
    if (due === undefined || due.atMs > this.#clock.monotonic()) return false;
    this.#due = undefined;
    due.callback();
    return true;
  }
}

/**
 * The agent's own loop and client, the whole server, and between them a network with faults. Time passes only when it is told
 * to, and then only after everything that is under way has come to its end.
 */
export class TroubledPair {
  readonly #t: TestContext;
  readonly #home: string;
  readonly #hardwareId: string;
  readonly #agentClock: TestClock;
  readonly #serverClock: TestClock;
  #timer: VirtualTimer;
  #agent: RunningAgent | undefined;
  #server: TestServer;
  readonly network: FaultyNetwork;
  readonly model: PresenceModel;
  readonly commandIds: string[] = [];
  readonly marks: string[] = [];
  /** Commands as they took effect. */
  readonly effects: string[] = [];
  deviceId = '';
  productNumber = 0;

  private constructor(
    t: TestContext,
    parts: {
      home: string;
      clock: TestClock;
      server: TestServer;
      network: FaultyNetwork;
      model: PresenceModel;
    },
  ) {
    this.#t = t;
    this.#home = parts.home;
    this.#hardwareId = `machine-${parts.home.slice(-6)}`;
    this.#serverClock = parts.clock;
    this.#agentClock = createTestClock(parts.clock.now());
    this.#timer = new VirtualTimer(this.#agentClock);
    this.#server = parts.server;
    this.network = parts.network;
    this.model = parts.model;
  }

  static async open(t: TestContext, random: () => number): Promise<TroubledPair> {
    const clock = createTestClock();
    const server = await startTestServer({ isListening: true, clock });
    const { communication } = await callApi(server, getSettings);
    const model = new PresenceModel(communication);
    const network = await FaultyNetwork.open(server, random, model);
    const home = createTemporaryFolder(t);
    const token = parseEnrolmentToken(await createTestToken(server));
    const tokenText = encodeEnrolmentToken({ ...token, addresses: [network.address] });
    const enrolled = await runInProcess(['enroll', tokenText], { home });
    assert.equal(enrolled.code, 0, enrolled.stderr);
    const pair = new TroubledPair(t, { home, clock, server, network, model });
    const { devices } = await callApi(server, listDevices);
    pair.deviceId = devices[0]?.id ?? '';
    pair.productNumber = devices[0]?.productNumber ?? 0;
    await pair.startAgent();
    return pair;
  }

  get server(): TestServer {
    return this.#server;
  }

  get agent(): RunningAgent {
    assert.ok(this.#agent);
    return this.#agent;
  }

  async startAgent(): Promise<void> {
    const collector = createInventoryCollector({
      platform: process.platform,
      clock: systemClock,
      agent: { version: '0.1.0' },
    });
    this.#timer = new VirtualTimer(this.#agentClock);
    this.#agent = await openEnrolledAgent(this.#t, this.#home, {
      clock: this.#agentClock,
      timer: this.#timer,
      collector: { ...collector, findHardwareId: () => Promise.resolve(this.#hardwareId) },
      datagramTiming: { acknowledgementWaitsMs: () => [25, 25] as const, probeWaitsMs: [10, 10, 30] },
      moreHandlers: [
        {
          definition: defineTestCommand('x-append'),
          onRestart: 'fail',
          run: async ({ commandId }) => {
            this.effects.push(commandId);
            return { detail: 'Appended.' };
          },
        },
      ],
    });
    this.#agent.agent.start();
    await this.settle();
  }

  /** The process ends, with a goodbye that the network may carry or not, and another one starts. */
  async restartAgent(): Promise<void> {
    await this.agent.agent.stop();
    await this.startAgent();
  }

  /** The server ends, and another one starts on the same database some time later. */
  async restartServer(downMs: number): Promise<void> {
    this.network.connect(undefined);
    this.#serverClock.advance(downMs);
    this.#agentClock.advance(downMs);
    this.#server = await this.#server.restart();
    await this.#server.ticks.run('presence.turn');
    this.model.restart();
    // What the agent wanted in the meantime, it wanted of nobody.
    while (this.#timer.fire()) await this.settle();
    this.network.connect(this.#server);
    this.checkPresence('after a restart');
  }

  async order(type: string): Promise<void> {
    const { id } = await callApi(this.#server, issueCommand, {
      body: {
        type,
        targets: { deviceIds: [this.deviceId] },
        expiresInMs: WEEK_MS,
        ...(type === 'set-log-level' ? { parameters: { level: 'info' } } : {}),
      },
    });
    this.commandIds.push(id);
    await this.settle();
  }

  async log(count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const mark = String(this.marks.length);
      this.agent.agent.events.record('address-changed', { mark });
      this.marks.push(mark);
    }
    await this.settle();
  }

  /** Both clocks go on evenly, and the server turns. */
  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += TURN_MS) {
      this.#serverClock.advance(TURN_MS);
      this.#agentClock.advance(TURN_MS);
      this.model.pass(TURN_MS);
      await this.#server.ticks.run('presence.turn');
      this.checkPresence('in the course of time');
      if (this.#timer.fire()) {
        await this.settle();
        await this.#server.ticks.run('presence.save');
        this.checkPresence('after the agent had its turn');
      }
    }
  }

  /** The server is held up: time goes on, and it does nothing. Its turn comes before anything that waits for it. */
  async passLate(durationMs: number): Promise<void> {
    this.#serverClock.advance(durationMs);
    this.#agentClock.advance(durationMs);
    this.model.passLate(durationMs);
    await this.#server.ticks.run('presence.turn');
    this.checkPresence(`after ${durationMs} ms in which the server did nothing`);
    while (this.#timer.fire()) await this.settle();
  }

  async leapServerClock(byMs: number): Promise<void> {
    this.#serverClock.jump(byMs);
    await this.#server.ticks.run('presence.turn');
    this.model.leap();
    this.checkPresence(`after the server's clock leapt by ${byMs} ms`);
  }

  leapAgentClock(byMs: number): void {
    this.#agentClock.jump(byMs);
  }

  async moveAgent(): Promise<void> {
    this.network.forgetWays();
    this.agent.agent.loop.notifySurroundingsChange();
    await this.settle();
  }

  async deliverHeld(): Promise<void> {
    await this.network.deliverHeld();
    await this.settle();
  }

  checkPresence(what: string): void {
    const { status } = this.#server.app.modules.presence.currentPresence(this.productNumber);
    this.model.check(status, what);
  }

  /** Waits until nothing is under way any more. */
  async settle(): Promise<void> {
    let quietRounds = 0;
    await until(
      'nothing is under way',
      () => {
        quietRounds = this.network.isQuiet && !isBusy(this.agent) ? quietRounds + 1 : 0;
        return quietRounds > 1 || undefined;
      },
      30_000,
      () => JSON.stringify(this.agent.agent.loop.state),
      2,
    );
  }

  async close(): Promise<void> {
    this.network.weather = 'down';
    await this.agent.agent.stop();
    this.network.close();
    await this.#server.close();
  }

  async findDevice() {
    return await callApi(this.#server, getDevice, { params: { deviceId: this.deviceId } });
  }

  get stateFile(): string {
    return join(this.#home, 'state.sqlite');
  }
}

function isBusy({ agent }: RunningAgent): boolean {
  const { phase, isChoosing, isHeartbeatUnderWay, errands } = agent.loop.state;
  if (phase === 'shaking-hands' || phase === 'stopping' || isChoosing || isHeartbeatUnderWay) return true;
  return Object.values(errands).some(({ state }) => state === 'busy' || state === 'busy-again');
}
