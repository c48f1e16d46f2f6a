import { randomUUID } from 'node:crypto';
import type { HeartbeatContent } from '../datagram/datagram.ts';
import type { EnrolmentToken } from '../enrolment-token.ts';
import { limits } from '../limits.ts';
import { CommunicationMode } from '../mode-choice.ts';
import { cancellationVersion } from '../capability-version.ts';
import {
  type ClaimAnswer,
  ClaimAnswerSchema,
  ClaimRequestSchema,
  type CommandReport,
  ReportedState,
  type ReportsAnswer,
  ReportsAnswerSchema,
  ReportsRequestSchema,
} from '../messages/command.ts';
import {
  type ComponentStatesAnswer,
  ComponentStatesAnswerSchema,
  type ComponentStatesRequest,
  ComponentStatesRequestSchema,
} from '../messages/component-states.ts';
import { HandshakeAnswerSchema, HandshakeRequestSchema } from '../messages/handshake.ts';
import {
  type InventoryAnswer,
  InventoryAnswerSchema,
  type InventoryRequest,
  InventoryRequestSchema,
} from '../messages/inventory.ts';
import { type LogEntry, LogsAnswerSchema, LogsRequestSchema } from '../messages/log.ts';
import { mcpPath } from '../messages/path.ts';
import {
  type RegistrationAnswer,
  RegistrationAnswerSchema,
  RegistrationRequestSchema,
} from '../messages/registration.ts';
import {
  type TransportAnswer,
  TransportAnswerSchema,
  TransportRequestSchema,
} from '../messages/transport.ts';
import { McpClientError } from './client.errors.ts';
import { describeHandshake, type HandshakeOutcome, mergeAddresses } from './handshake-outcome.ts';
import {
  defaultDatagramTiming,
  drawRandom,
  type HeartbeatNeeds,
  type SentHeartbeat,
  HeartbeatSender,
} from './heartbeat-sender.ts';
import type { FileAccess, McpClientOptions, ProductFacts } from './mcp-client-options.ts';
import type { McpState } from './mcp-state.ts';
import { Notifications } from './notifications.ts';
import { fingerprintsOf, pinAuthorities } from './pinned-authority.ts';
import { ServerLink } from './server-link.ts';

const DEFAULT_TIMEOUT_MS = 30_000;

interface Session {
  readonly accessToken: string;
  readonly sender: HeartbeatSender;
}

/**
 * The managed product's side of the protocol. It makes single calls and never repeats one by itself; when to call, and when to
 * try again, is the product's business (`planNextHeartbeatMs`, `planRetryMs`). Every failure is an `AppError` with `retry`.
 */
export class McpClient {
  readonly #options: McpClientOptions;
  readonly #link: ServerLink;
  readonly #notifications: Notifications | undefined;
  /** Of this object and nothing that outlives it: a restart is another instance, and a copy never has that of its original. */
  readonly #instance: string = randomUUID();
  #session: Session | undefined;

  constructor(options: McpClientOptions) {
    const { notifications, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    this.#options = options;
    const link = new ServerLink({
      ...options,
      timeoutMs,
      keepAuthority: options.keepAuthority ?? keepNothing,
      onReached: (remoteAddress) => this.#session?.sender.follow(remoteAddress),
    });
    this.#link = link;
    this.#notifications =
      notifications &&
      new Notifications(notifications, {
        get authority() {
          return link.authority.certificate;
        },
        timeoutMs,
      });
  }

  /** What the server said that it understands, when it was last asked; 1 before. */
  get serverVersion(): number {
    return this.#link.serverVersion;
  }

  /**
   * Registers with an enrolment token, or comes back to the record that the key already has. When an administrator has to agree
   * first, call again after `retryAfterMs`.
   *
   * @throws McpProblem such as `ENROLMENT_TOKEN_EXPIRED`; McpClientError
   */
  async register(
    token: Pick<EnrolmentToken, 'tokenId' | 'secret'>,
    facts: ProductFacts,
  ): Promise<RegistrationAnswer> {
    return await this.#register({ token: { id: token.tokenId, secret: token.secret } }, facts);
  }

  /**
   * Asks for a record of its own for a product whose former key another computer uses as well (`PRODUCT_KEY_SHARED`). The client
   * signs with the new key. An administrator always has to agree: call again after `retryAfterMs`.
   *
   * @param receipt the last one that came under the former key
   * @throws McpProblem such as `RECEIPT_INVALID`, `REGISTRATION_REFUSED`; McpClientError
   */
  async registerAnew(receipt: string, facts: ProductFacts): Promise<RegistrationAnswer> {
    return await this.#register({ receipt }, facts);
  }

  async #register(
    evidence:
      | { readonly token: { readonly id: string; readonly secret: string } }
      | { readonly receipt: string },
    facts: ProductFacts,
  ): Promise<RegistrationAnswer> {
    const { message } = await this.#link.callSigned(this.#options.signer, {
      purpose: 'registration',
      path: mcpPath.registrations,
      body: { ...evidence, ...pickFacts(facts) },
      request: RegistrationRequestSchema,
      answer: RegistrationAnswerSchema,
    });
    if (message.state === 'registered') {
      const known = await this.#options.store.load();
      // Coming back must not lower the epoch that this product remembers.
      const epoch = known?.productNumber === message.productNumber ? known.epoch : 0;
      await this.#options.store.save(pickState(message, epoch));
    }
    return message;
  }

  /**
   * Settles how to communicate: at every start, and whenever the server asks. Heartbeats travel by HTTPS until
   * {@link negotiateTransport}.
   *
   * @throws McpProblem such as `PRODUCT_UNKNOWN`, `PRODUCT_DISABLED`; McpClientError
   */
  async handshake(facts: ProductFacts): Promise<HandshakeOutcome> {
    const state = await this.#options.store.load();
    const { message, address, remoteAddress } = await this.#link.callSigned(this.#options.signer, {
      purpose: 'handshake',
      path: mcpPath.handshakes,
      body: {
        ...pickFacts(facts),
        clockMs: Math.max(0, Math.floor(this.#options.clock.now())),
        ...(state === undefined ? {} : { receipt: state.receipt, lastEpoch: state.epoch }),
        instance: this.#instance,
        trusts: fingerprintsOf(this.#link.authority),
      },
      request: HandshakeRequestSchema,
      answer: HandshakeAnswerSchema,
    });
    await this.#learnAuthorities(message.authorities);
    await this.#options.store.save(pickState(message, message.heartbeat.epoch));
    this.#session?.sender.close();
    this.#notifications?.begin(message);
    this.#session = {
      accessToken: message.accessToken,
      sender: new HeartbeatSender({
        handshake: message,
        remoteAddress: facts.capabilities.udp ? remoteAddress : undefined,
        callDatagram: (bytes) => this.#link.callDatagram(bytes),
        timing: this.#options.timing ?? defaultDatagramTiming,
        random: this.#options.random ?? drawRandom,
        ...(this.#notifications === undefined
          ? {}
          : { answerDatagram: (bytes: Uint8Array) => this.#notifications?.answerDatagram(bytes) }),
      }),
    };
    this.#link.useAddresses(mergeAddresses(message.addresses, address, this.#link.addresses));
    return describeHandshake(message, address, this.#link.addresses);
  }

  /** The server has other addresses, as somebody on this device says. The pinned authority goes on deciding who it is. */
  useAddresses(addresses: readonly string[]): void {
    this.#link.useAddresses(addresses);
  }

  /**
   * Probes the way for datagrams, lets the server decide how heartbeats travel and how it calls, and uses what it decided. After
   * each handshake and address change. When the mode is `two-way-held`, {@link holdStream} is the product's part.
   */
  async negotiateTransport(): Promise<TransportAnswer> {
    const { sender } = this.#requireSession();
    const { probed, message: first } = await this.#offerTransport();
    // The probes went where the server had been before, so they say nothing of where it is now.
    const message = sender.peer === probed ? first : (await this.#offerTransport()).message;
    sender.useTransport(message.transport);
    this.#notifications?.useMode(message.mode ?? CommunicationMode.oneWay);
    return message;
  }

  async #offerTransport(): Promise<{
    readonly probed: string | undefined;
    readonly message: TransportAnswer;
  }> {
    const { accessToken, sender } = this.#requireSession();
    const probed = sender.peer;
    const [probes, callable] = await Promise.all([sender.probe(), this.#notifications?.offer()]);
    const { message } = await this.#link.call({
      method: 'POST',
      path: mcpPath.transports,
      body: { ...probes, ...callable },
      request: TransportRequestSchema,
      answer: TransportAnswerSchema,
      accessToken,
    });
    return { probed, message };
  }

  /**
   * Keeps one stream of notifications open, until it ends. A stream that was open before ends, and each handshake ends it.
   *
   * @param onOpen told when the stream is open
   * @returns when it ended after it was open: open the next one after `planReturnMs`
   * @throws McpProblem such as `NOTIFICATIONS_FULL`, McpClientError, when it could not be opened or brought something else
   */
  async holdStream(onOpen: () => void = () => undefined): Promise<void> {
    const { accessToken } = this.#requireSession();
    if (this.#notifications === undefined) throw new TypeError('This client takes no notifications');
    await this.#notifications.hold({ address: this.#link.address, accessToken, onOpen });
  }

  /**
   * Sends one sign of life.
   *
   * @throws McpProblem, McpClientError when an answer was due and none came. It is not sent again: the next heartbeat is due
   *   at its regular time, and without acknowledged UDP as after any call that did not reach the server
   */
  async sendHeartbeat(
    content: HeartbeatContent,
    needs: HeartbeatNeeds = { needsAnswer: false },
  ): Promise<SentHeartbeat> {
    return await this.#requireSession().sender.send(content, needs);
  }

  /**
   * Fetches up to `max` commands that wait, and the ids of those that are to end. The same command may come again, and so may the
   * same id.
   */
  async claimCommands(max: number = limits.maxCommandsPerClaim): Promise<Required<ClaimAnswer>> {
    const { accessToken } = this.#requireSession();
    const { message } = await this.#link.call({
      method: 'POST',
      path: mcpPath.commandClaims,
      body: { max },
      request: ClaimRequestSchema,
      answer: ClaimAnswerSchema,
      accessToken,
    });
    return { commands: message.commands, cancel: message.cancel ?? [] };
  }

  /** Delivers reports; see `planReportBatch`. When it returns, they are on the server's disk. */
  async sendReports(reports: readonly CommandReport[]): Promise<ReportsAnswer['outcomes']> {
    const { accessToken } = this.#requireSession();
    const { message } = await this.#link.call({
      method: 'POST',
      path: mcpPath.commandReports,
      body: { reports: reports.map((report) => this.#sayableReport(report)) },
      request: ReportsRequestSchema,
      answer: ReportsAnswerSchema,
      accessToken,
    });
    return message.outcomes;
  }

  /** Replaces the inventory of the device. */
  async putInventory(inventory: InventoryRequest): Promise<InventoryAnswer> {
    const { accessToken } = this.#requireSession();
    const { message } = await this.#link.call({
      method: 'PUT',
      path: mcpPath.inventory,
      body: inventory,
      request: InventoryRequestSchema,
      answer: InventoryAnswerSchema,
      accessToken,
    });
    return message;
  }

  /**
   * Delivers entries of one journal, ascending by sequence; see `planLogBatch`. Entries up to the sequence that is returned are
   * on the server's disk and may be forgotten. Repeating a call, or cutting the entries differently, stores nothing twice.
   *
   * @param journal UUID of the place in which the product keeps these entries
   * @param acknowledged what such a call returned last for this journal, if the product keeps it: a server that lost entries
   *   since then, because an old backup was restored, learns of it and tells its readers
   * @returns the highest sequence of the journal that the server has
   * @throws McpProblem such as `LOG_JOURNALS_FULL`; McpClientError
   */
  async sendLogs(journal: string, entries: readonly LogEntry[], acknowledged?: number): Promise<number> {
    const { accessToken } = this.#requireSession();
    const { message } = await this.#link.call({
      method: 'POST',
      path: mcpPath.logs,
      body: acknowledged === undefined ? { journal, entries } : { journal, acknowledged, entries },
      request: LogsRequestSchema,
      answer: LogsAnswerSchema,
      accessToken,
      isCompressible: true,
    });
    return message.acknowledged;
  }

  /** Says how the product stands with its components, and learns which it is not to take yet. */
  async putComponentStates(states: ComponentStatesRequest): Promise<ComponentStatesAnswer> {
    const { accessToken } = this.#requireSession();
    const { message } = await this.#link.call({
      method: 'PUT',
      path: mcpPath.componentStates,
      body: states,
      request: ComponentStatesRequestSchema,
      answer: ComponentStatesAnswerSchema,
      accessToken,
    });
    return message;
  }

  /** What files of the server are fetched with; `undefined` before the first handshake. Asked anew for each, because tokens end. */
  get fileAccess(): FileAccess | undefined {
    if (this.#session === undefined) return undefined;
    const { address, authority } = this.#link;
    return {
      base: `${address}${mcpPath.components}/`,
      authorities: authority.certificate,
      accessToken: this.#session.accessToken,
    };
  }

  /** Closes sockets; calls in flight fail. */
  close(): void {
    this.#notifications?.close();
    this.#session?.sender.close();
    this.#session = undefined;
    this.#link.close();
  }

  /** A server that went back to a release without cancellation still has to learn of the end. */
  #sayableReport(report: CommandReport): CommandReport {
    if (report.state !== ReportedState.cancelled || this.#link.serverVersion >= cancellationVersion)
      return report;
    return { ...report, state: ReportedState.failed, code: report.code ?? 'COMMAND_CANCELLED' };
  }

  /** Nothing of them is taken unless all of them can be, and the one that this answer came from stays among them. */
  async #learnAuthorities(pems: readonly string[] | undefined): Promise<void> {
    const pinned = pems === undefined ? undefined : pinAuthorities(pems);
    if (pinned === undefined) return;
    const known = fingerprintsOf(this.#link.authority);
    if (fingerprintsOf(pinned).some((fingerprint) => known.includes(fingerprint)))
      await this.#link.trust(pinned);
  }

  #requireSession(): Session {
    if (this.#session === undefined) {
      throw new McpClientError('HANDSHAKE_MISSING', 'This call needs a handshake first.', { retry: 'safe' });
    }
    return this.#session;
  }
}

/** Makes the client of one product. It opens nothing until the first call. */
export function createMcpClient(options: McpClientOptions): McpClient {
  return new McpClient(options);
}

async function keepNothing(): Promise<void> {
  // Whoever made the client keeps no authorities.
}

function pickFacts({ product, device, capabilities }: ProductFacts): ProductFacts {
  return { product, device, capabilities };
}

function pickState(answer: Omit<McpState, 'epoch'>, epoch: number): McpState {
  const { productNumber, deviceId, groupId, groupPath, receipt } = answer;
  return { productNumber, deviceId, groupId, groupPath, receipt, epoch };
}
