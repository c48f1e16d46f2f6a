import {
  type Command,
  commandStates,
  type CommandTarget,
  type CommandType,
  type DeviceFilter,
  type Permission,
  type RetriableState,
  retriableStates,
} from '@holdfast/api';
import { type Actor, placesOf, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { CommandAnnouncer } from './command-announcer.service.ts';
import type { CommandCancellation } from './command-cancellation.service.ts';
import { issuerOf } from './command-issuer.ts';
import { CommandLookup } from './command-lookup.service.ts';
import { addUpCounts } from './command-counts.store.ts';
import {
  listProductsToRepeat,
  listTargetRows,
  tallyTargetGroups,
  type TargetListQuery,
} from './command-targets.store.ts';
import {
  type CommandTypeDefinition,
  type CommandTypes,
  type DefinedOrder,
  defineOrder,
} from './command-types.ts';
import { toCommand } from './command-view.ts';
import { findCommonGroupId } from './common-group.ts';
import { createNoTargetsError, createNothingToRepeatError } from './commands.errors.ts';
import {
  type CommandListQuery,
  findCommandIdByKey,
  insertCommand,
  insertTargets,
  letStatementsTakeLong,
  listCommandRows,
  listIssuerNames,
  noteManyTargets,
} from './commands.store.ts';
import { describeTargets } from './target-text.ts';
import type { WaitingCommands } from './waiting-commands.service.ts';

/** A product that stands for a device. */
export interface ChosenProduct {
  readonly number: number;
  readonly deviceName: string;
  readonly groupId: string;
}

/** From the directory: which devices are meant, as far as the caller sees them and has the permission there. */
export interface CommandDirectory {
  /** The products that stand for the devices, held until the transaction ends. Throws when one that is named is not there. */
  selectProducts(
    transaction: Transaction,
    actor: Actor,
    targets: { readonly deviceIds: readonly string[] },
    permission: Permission,
  ): Promise<readonly ChosenProduct[]>;
  /** The same for a filter, by number only: it may mean everybody. */
  selectProductNumbers(
    transaction: Transaction,
    actor: Actor,
    filter: DeviceFilter,
    permission: Permission,
  ): Promise<readonly number[]>;
  /** Names from below the top group down; undefined when there is no such group. */
  findGroupNames(groupId: string, db: Transaction): Promise<readonly string[] | undefined>;
}

export interface IssueInput {
  readonly type: string;
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
  readonly targets: { readonly deviceIds: readonly string[] } | { readonly filter: DeviceFilter };
  readonly expiresInMs?: number | undefined;
  readonly isUrgent?: boolean | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface RetryInput {
  readonly commandId: string;
  /** Targets in which states; all that can be tried again unless told. */
  readonly states?: readonly RetriableState[] | undefined;
  readonly expiresInMs?: number | undefined;
  /** As the first command unless told. */
  readonly isUrgent?: boolean | undefined;
  readonly idempotencyKey?: string | undefined;
}

/** An order without its targets. */
interface Order extends DefinedOrder {
  readonly expiresInMs: number | undefined;
  readonly isUrgent: boolean;
  readonly idempotencyKey: string | undefined;
  readonly repeatsId: string | null;
}

export interface CommandParts {
  readonly types: CommandTypes;
  readonly directory: CommandDirectory;
  readonly waiting: WaitingCommands;
  readonly announcer: CommandAnnouncer;
  readonly cancellation: CommandCancellation;
  /** Told which products an order is for, when it is on disk. */
  readonly onOrdered: (productNumbers: readonly number[]) => void;
  /** Idle hours of a product's group. */
  readonly isIdle: (productNumber: number) => boolean;
}

type CommandPlatform = Pick<
  Platform,
  'database' | 'clock' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

interface ChosenTargets {
  readonly productNumbers: readonly number[];
  readonly text: string;
  /** The group that was named, or that all of them lie in, for those who read the audit log of groups only. */
  readonly groupId: string | undefined;
}

const DEFAULT_LIMIT = 100;
const MAX_ISSUERS = 1_000;

/** Commands as administrators see them: issue, follow, cancel, try again. */
export class CommandService {
  readonly #platform: CommandPlatform;
  readonly #parts: CommandParts;
  readonly #commands: CommandLookup;

  constructor({ platform, ...parts }: CommandParts & { readonly platform: CommandPlatform }) {
    this.#platform = platform;
    this.#commands = new CommandLookup(platform.database, parts.types);
    this.#parts = parts;
  }

  listTypes(actor: Actor): CommandType[] {
    requirePermission(actor, 'commands:read');
    return this.#parts.types.list();
  }

  /**
   * One target for each product, all in one transaction: either everyone who was meant is in Command Tracking, or
   * nothing happened.
   *
   * @throws CommandError COMMAND_TYPE_UNKNOWN, COMMAND_PARAMETERS_INVALID, COMMAND_WITHOUT_TARGETS; of the directory
   *   DEVICE_NOT_FOUND, GROUP_NOT_FOUND
   */
  async issue(actor: Actor, input: IssueInput, request: RequestFacts): Promise<Command> {
    requirePermission(actor, 'commands:issue');
    const definition = this.#parts.types.get(input.type);
    const order: Order = {
      ...defineOrder(definition, input.parameters ?? {}),
      expiresInMs: input.expiresInMs,
      isUrgent: input.isUrgent ?? false,
      idempotencyKey: input.idempotencyKey,
      repeatsId: null,
    };
    return await this.#give(
      actor,
      order,
      (it) => this.#choose(it, actor, input.targets, definition),
      request,
    );
  }

  /**
   * Issues the same command again, where the caller may and the command failed, expired or was cancelled. The first
   * command
   * stays as it is.
   *
   * @throws AccessError PERMISSION_DENIED; CommandError COMMAND_NOT_FOUND, COMMAND_NOTHING_TO_REPEAT; COMMAND_TYPE_UNKNOWN and
   *   COMMAND_PARAMETERS_INVALID when this server does not give such an order any more
   */
  async retry(actor: Actor, input: RetryInput, request: RequestFacts): Promise<Command> {
    requirePermission(actor, 'commands:issue');
    requirePermission(actor, 'directory:read');
    const { command, permission } = await this.#commands.toOrder(actor, input.commandId);
    const definition = this.#parts.types.get(command.type);
    const order: Order = {
      ...defineOrder(definition, command.parameters),
      expiresInMs: input.expiresInMs,
      isUrgent: input.isUrgent ?? command.isUrgent,
      idempotencyKey: input.idempotencyKey,
      repeatsId: command.id,
    };
    const query = {
      commandId: command.id,
      states: input.states ?? retriableStates,
      // Whose names it tells, the caller sees.
      scopes: [placesOf(actor, permission), placesOf(actor, 'directory:read')],
    };
    const choose = async (transaction: Transaction): Promise<ChosenTargets> => {
      const products = await listProductsToRepeat(transaction, query);
      if (products.length === 0) throw createNothingToRepeatError();
      const text = describeTargets({ kind: 'devices', names: products.map((one) => one.deviceName) });
      return { productNumbers: products.map((one) => one.number), text, groupId: undefined };
    };
    return await this.#give(actor, order, choose, request);
  }

  async #give(
    actor: Actor,
    order: Order,
    choose: (transaction: Transaction) => Promise<ChosenTargets>,
    request: RequestFacts,
  ): Promise<Command> {
    const { definition, isUrgent, repeatsId } = order;
    const issuer = issuerOf(actor);
    const earlier = await this.#findEarlier(actor, issuer.id, order);
    if (earlier !== undefined) return earlier;
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const id = createId();
    const nowMs = clock.now();
    const issued = await inTransaction(database, async (transaction) => {
      await letStatementsTakeLong(transaction);
      const chosen = await choose(transaction);
      const command = {
        id,
        type: definition.type,
        title: definition.title,
        parameters: order.parameters,
        targetText: chosen.text,
        issuedAt: new Date(nowMs),
        issuer,
        expiresAt: new Date(nowMs + (order.expiresInMs ?? definition.defaultExpiryMs)),
        idempotencyKey: order.idempotencyKey ?? null,
        isUrgent,
        repeatsId,
      };
      // Two equal requests at the same time: the second one waited here for the first and finds its command.
      if (!(await insertCommand(transaction, command))) return undefined;
      const { waiting, total } = await insertTargets(transaction, command, chosen.productNumbers);
      if (total === 0) throw createNoTargetsError();
      await addUpCounts(transaction, id);
      // Where the caller named no group, it is the deepest one that holds them all.
      const everywhere = { commandId: id, states: commandStates, scope: null };
      const scopeGroupId =
        chosen.groupId ?? findCommonGroupId(await tallyTargetGroups(transaction, everywhere));
      await recordEvents(transaction, {
        type: 'command.issued',
        objectId: id,
        data: {
          type: definition.type,
          title: definition.title,
          target: chosen.text,
          issuedBy: issuer.name,
          isUrgent,
          products: total,
          skipped: total - waiting.length,
        },
      });
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: 'command.issued',
          objectKind: 'command',
          objectId: id,
          objectName: `${definition.title}: ${chosen.text}`,
          ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
          details: {
            type: definition.type,
            parameters: order.parameters,
            products: total,
            skipped: total - waiting.length,
            isUrgent,
            ...(repeatsId === null ? {} : { repeats: repeatsId }),
          },
        },
        request,
      );
      return waiting;
    });
    if (issued !== undefined) {
      await noteManyTargets(database, issued.length);
      this.#parts.waiting.mark(issued, isUrgent);
      this.#parts.onOrdered(issued);
      this.#parts.announcer.note(id, issued);
      return await this.#commands.toAnswer(actor, id, definition.permission);
    }
    const first = await this.#findEarlier(actor, issuer.id, order);
    if (first === undefined) throw new Error('A command with a used idempotency key was not found');
    return first;
  }

  async list(
    actor: Actor,
    query: Omit<CommandListQuery, 'limit'> & { readonly limit?: number | undefined },
  ): Promise<{ readonly commands: Command[]; readonly nextBeforeId: string | null }> {
    requirePermission(actor, 'commands:read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const rows = await listCommandRows(
      this.#platform.database,
      { ...query, limit: limit + 1 },
      placesOf(actor, 'commands:read'),
    );
    const page = rows.slice(0, limit);
    return {
      commands: page.map(toCommand),
      nextBeforeId: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  }

  /** By name, for filters. */
  async listIssuers(actor: Actor): Promise<string[]> {
    requirePermission(actor, 'commands:read');
    return await listIssuerNames(this.#platform.database, placesOf(actor, 'commands:read'), MAX_ISSUERS);
  }

  /** @throws CommandError COMMAND_NOT_FOUND */
  async get(actor: Actor, commandId: string): Promise<Command> {
    requirePermission(actor, 'commands:read');
    return await this.#commands.toRead(actor, commandId);
  }

  /** @throws CommandError COMMAND_NOT_FOUND */
  async listTargets(
    actor: Actor,
    query: Omit<TargetListQuery, 'limit'> & { readonly limit?: number | undefined },
  ): Promise<{ readonly targets: CommandTarget[]; readonly nextAfter: number | null }> {
    await this.get(actor, query.commandId);
    const limit = query.limit ?? DEFAULT_LIMIT;
    const wanted = { ...query, limit: limit + 1 };
    const rows = await listTargetRows(this.#platform.database, wanted, placesOf(actor, 'commands:read'));
    const page = rows.slice(0, limit);
    return {
      targets: await this.#commands.describeTargets(actor, page, this.#parts.isIdle),
      nextAfter: rows.length > limit ? (page.at(-1)?.productNumber ?? null) : null,
    };
  }

  /**
   * Cancels where nothing has begun, and asks products to end what they have begun, where the caller may; at a product that is too
   * old for that, what runs continues. Repeating it changes nothing. For a command with thousands of targets the counts follow
   * within seconds, although nothing of it begins any more.
   *
   * @throws AccessError PERMISSION_DENIED; CommandError COMMAND_NOT_FOUND
   */
  async cancel(actor: Actor, commandId: string, request: RequestFacts): Promise<Command> {
    requirePermission(actor, 'commands:issue');
    const { command, permission } = await this.#commands.toOrder(actor, commandId);
    const order = {
      commandId,
      commandText: `${command.title}: ${command.target}`,
      commandTitle: command.title,
      requestedBy: issuerOf(actor).name,
      scope: placesOf(actor, permission),
    };
    await this.#parts.cancellation.order(actor, order, request);
    return await this.#commands.toAnswer(actor, commandId, permission);
  }

  async #findEarlier(
    actor: Actor,
    issuerId: string,
    { idempotencyKey: key, definition }: Order,
  ): Promise<Command | undefined> {
    if (key === undefined) return undefined;
    const id = await findCommandIdByKey(this.#platform.database, issuerId, key);
    if (id === undefined) return undefined;
    // An order is repeated when its answer was lost: it was committed, but nobody was notified.
    await this.#parts.waiting.markAgain(id);
    return await this.#commands.toAnswer(actor, id, definition.permission);
  }

  /** Those of the devices meant at which the caller has the permission of the command. */
  async #choose(
    transaction: Transaction,
    actor: Actor,
    targets: IssueInput['targets'],
    { permission }: CommandTypeDefinition,
  ): Promise<ChosenTargets> {
    const { directory } = this.#parts;
    if ('filter' in targets) {
      const { filter } = targets;
      const productNumbers = await directory.selectProductNumbers(transaction, actor, filter, permission);
      const groupNames =
        filter.groupId === undefined
          ? undefined
          : await directory.findGroupNames(filter.groupId, transaction);
      const text = describeTargets({ kind: 'filter', filter, groupNames, count: productNumbers.length });
      return { productNumbers, text, groupId: filter.groupId };
    }
    const products = await directory.selectProducts(transaction, actor, targets, permission);
    const productNumbers = products.map((product) => product.number);
    const groups = new Set(products.map((product) => product.groupId));
    return {
      productNumbers,
      text: describeTargets({ kind: 'devices', names: products.map((product) => product.deviceName) }),
      groupId: groups.size === 1 ? products[0]?.groupId : undefined,
    };
  }
}
