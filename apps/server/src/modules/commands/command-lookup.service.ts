import type { Command, CommandTarget, Permission } from '@holdfast/api';
import { AccessError } from '../../platform/access/access.errors.ts';
import { type Actor, placesOf } from '../../platform/access/actor.ts';
import type { Database } from '../../platform/database/index.ts';
import { findDistinctions } from '../directory/index.ts';
import type { TargetRow } from './command-targets.store.ts';
import type { CommandTypes } from './command-types.ts';
import { toCommand, toCommandTarget } from './command-view.ts';
import { CommandError } from './commands.errors.ts';
import { findCommandRows } from './commands.store.ts';

/** A command that something is ordered about, and the permission that this needs where its targets lie. */
export interface OrderedCommand {
  readonly command: Command;
  readonly permission: Permission;
}

/** Single commands and their targets, as far as a caller sees them, with the counts of the targets in question. */
export class CommandLookup {
  readonly #database: Database;
  readonly #types: CommandTypes;

  constructor(database: Database, types: CommandTypes) {
    this.#database = database;
    this.#types = types;
  }

  /** To look at it. @throws CommandError COMMAND_NOT_FOUND */
  async toRead(actor: Actor, commandId: string): Promise<Command> {
    return await this.#get(commandId, placesOf(actor, 'commands:read'));
  }

  /**
   * To order something about it: the caller may do so at one of its targets at least.
   *
   * @throws AccessError PERMISSION_DENIED; CommandError COMMAND_NOT_FOUND
   */
  async toOrder(actor: Actor, commandId: string): Promise<OrderedCommand> {
    const whole = await this.#get(commandId, null);
    // Commands of a type that this server no longer issues can still be ended.
    const permission = this.#types.find(whole.type)?.permission ?? 'commands:issue';
    const own = await this.#find(commandId, placesOf(actor, permission));
    if (own !== undefined) return { command: own, permission };
    // Whoever sees it may know why not.
    await this.toRead(actor, commandId);
    throw new AccessError(
      'PERMISSION_DENIED',
      'You may issue commands for none of the devices of this one.',
      {
        facts: { permission },
        remedy: 'Ask somebody who may issue commands for them.',
      },
    );
  }

  /** To answer an order: all that the caller sees of the command, and where it may order. */
  async toAnswer(actor: Actor, commandId: string, permission: Permission): Promise<Command> {
    const seen = placesOf(actor, 'commands:read');
    const own = placesOf(actor, permission);
    return await this.#get(commandId, seen === null || own === null ? null : [...seen, ...own]);
  }

  /** Targets that the caller sees, each told from other devices of its name. @param isIdle whether a product is in idle hours */
  async describeTargets(
    actor: Actor,
    rows: readonly TargetRow[],
    isIdle: (productNumber: number) => boolean,
  ): Promise<CommandTarget[]> {
    const devices = rows.flatMap(({ deviceId, deviceName }) =>
      deviceId === null ? [] : [{ id: deviceId, name: deviceName }],
    );
    const distinctions = await findDistinctions(this.#database, devices, placesOf(actor, 'commands:read'));
    return rows.map((row) => toCommandTarget(row, isIdle, distinctions.get(row.deviceId ?? '')));
  }

  async #get(commandId: string, scope: readonly string[] | null): Promise<Command> {
    const command = await this.#find(commandId, scope);
    if (command === undefined) throw new CommandError('COMMAND_NOT_FOUND', 'There is no such command.');
    return command;
  }

  async #find(commandId: string, scope: readonly string[] | null): Promise<Command | undefined> {
    const [row] = await findCommandRows(this.#database, [commandId], scope);
    return row === undefined ? undefined : toCommand(row);
  }
}
