import type { SettingLock, SettingOrigin } from '@holdfast/api';
import type { AppError } from '@holdfast/kernel';
import { type Actor, actorNameOf, mayAt, requirePermission } from '../../platform/access/actor.ts';
import { type Database, inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import { type DirectoryModule, type GroupRecord, requireGroup } from '../directory/index.ts';
import { listSayings, lockSayings, saveSaying } from './group-settings.store.ts';
import {
  byField,
  type ByField,
  type FieldName,
  type GroupSayings,
  inherit,
  type SayingsByGroup,
} from './inheritance.ts';
import {
  assertNotLocked,
  assertWellFormed,
  type Saying,
  type SettingsDefinition,
} from './settings-definition.ts';

export type GroupSettingsPlatform = Pick<
  Platform,
  'database' | 'clock' | 'recordAuditEntry' | 'recordEvents'
>;

/** A change that is well-formed and against no lock. */
export interface SettingsChange<Values extends object> {
  readonly groupId: string;
  readonly before: SayingsByGroup<Values>;
  readonly after: SayingsByGroup<Values>;
  readonly fallback: Values;
}

export interface GroupSettingsNeeds<Values extends object> {
  readonly platform: GroupSettingsPlatform;
  readonly directory: Pick<DirectoryModule, 'findGroup' | 'holdGroups'>;
  readonly definition: SettingsDefinition<Values>;
  /** What holds where no group says anything. */
  readonly readFallback: () => Values;
  /** Throws where the values do not go together, in the group or in one below it. */
  readonly assertAllowed: (change: SettingsChange<Values>) => void;
  /** Somebody else changed the group since the writer looked. */
  readonly createChanged: (groupName: string) => AppError;
  /** Called after each change, when it is on disk. */
  readonly onChange: () => void;
}

/** The settings of one kind at one group, as one caller may see them. */
export interface ReadGroupSettings<Values extends object> {
  readonly group: GroupRecord;
  /** 0 as long as the group says nothing. */
  readonly revision: number;
  readonly own: Partial<Values>;
  readonly locked: readonly FieldName<Values>[];
  readonly effective: Values;
  /** What holds for the group above. */
  readonly inherited: Values;
  readonly origins: ByField<Values, SettingOrigin>;
  readonly lockedBy: ByField<Values, SettingLock>;
}

/**
 * The settings of one kind for all groups. Invariant: a change names the revision that it saw, goes against no lock, is in the audit
 * log with what was said before and after, and is told to open views.
 */
export class GroupSettings<Values extends object> {
  readonly #needs: GroupSettingsNeeds<Values>;

  constructor(needs: GroupSettingsNeeds<Values>) {
    this.#needs = needs;
  }

  /** For the server itself. */
  async list(db: Database = this.#needs.platform.database): Promise<SayingsByGroup<Values>> {
    return await listSayings(db, this.#needs.definition);
  }

  /** What holds at a place. @param path ids from the top group down */
  effectiveAt(path: readonly string[], sayings: SayingsByGroup<Values>): Values {
    return inherit(path, sayings, this.#needs.readFallback()).effective;
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND */
  async get(actor: Actor, groupId: string): Promise<ReadGroupSettings<Values>> {
    const { directory, definition } = this.#needs;
    const group = requireGroup(actor, definition.permissions.read, await directory.findGroup(groupId));
    return this.#read(actor, group, await this.list());
  }

  /**
   * @param change `locked` left out: the locks of what the group goes on to say stay
   * @throws AccessError PERMISSION_DENIED; DirectoryError GROUP_NOT_FOUND; GroupSettingsError with any of its codes; what
   *   `assertAllowed` and `createChanged` of the kind are
   */
  async update(
    actor: Actor,
    groupId: string,
    change: {
      readonly revision: number;
      readonly own: Partial<Values>;
      readonly locked?: readonly FieldName<Values>[] | undefined;
    },
    request: RequestFacts,
  ): Promise<ReadGroupSettings<Values>> {
    const { platform, directory, definition, readFallback, assertAllowed, createChanged } = this.#needs;
    const { edit } = definition.permissions;
    requirePermission(actor, edit);
    const { database, clock, recordAuditEntry, recordEvents } = platform;
    const { group, sayings } = await inTransaction(database, async (transaction) => {
      await lockSayings(transaction, definition.kind);
      await directory.holdGroups(transaction);
      const found = requireGroup(actor, edit, await directory.findGroup(groupId, transaction));
      const before = await this.list(transaction);
      const former = before.get(groupId);
      const kept = former?.locked.filter((name) => change.own[name] !== undefined) ?? [];
      const saying: Saying<Values> = { own: change.own, locked: change.locked ?? kept };
      const fallback = readFallback();
      assertWellFormed(definition, saying);
      assertNotLocked(definition, { path: found.path, sayings: before, fallback }, saying);
      const { name: groupName, path } = found;
      const changed = { groupId, groupName, path, revision: change.revision + 1, ...saying };
      const after = new Map(before).set(groupId, changed);
      assertAllowed({ groupId, before, after, fallback });
      const isSaved = await saveSaying(transaction, definition, {
        groupId,
        seenRevision: change.revision,
        saying,
        changedAt: new Date(clock.now()),
        changedBy: actorNameOf(actor),
      });
      if (!isSaved) throw createChanged(groupName);
      await recordEvents(transaction, {
        type: 'group.settings-changed',
        objectId: groupId,
        groupIds: path,
        data: { name: groupName, kind: definition.kind },
      });
      await recordAuditEntry(
        transaction,
        actor,
        {
          action: definition.auditAction,
          objectKind: 'group',
          objectId: groupId,
          objectName: groupName,
          scopeGroupId: groupId,
          details: describeChange(fallback, former, saying),
        },
        request,
      );
      return { group: found, sayings: after };
    });
    this.#needs.onChange();
    return this.#read(actor, group, sayings);
  }

  #read(actor: Actor, group: GroupRecord, sayings: SayingsByGroup<Values>): ReadGroupSettings<Values> {
    const fallback = this.#needs.readFallback();
    const above = inherit(group.path.slice(0, -1), sayings, fallback);
    const said = sayings.get(group.id);
    const name = (from: GroupSayings<Values> | undefined): SettingOrigin =>
      // What lies above what one sees has no name there, only its effect.
      from === undefined || !mayAt(actor, 'directory:read', from.path)
        ? null
        : { groupId: from.groupId, groupName: from.groupName };
    return {
      group,
      revision: said?.revision ?? 0,
      own: said?.own ?? {},
      locked: said?.locked ?? [],
      effective: inherit(group.path, sayings, fallback).effective,
      inherited: above.effective,
      origins: byField(fallback, (field) => name(above.origins[field])),
      lockedBy: byField(fallback, (field) => {
        const lock = above.locks[field];
        return lock === undefined ? null : { group: name(lock) };
      }),
    };
  }
}

/** Every field by name, null where it is inherited; locks only where there are some. */
function describeChange<Values extends object>(
  fallback: Values,
  before: Saying<Values> | undefined,
  after: Saying<Values>,
): Record<string, unknown> {
  const spell = (own: Partial<Values> | undefined) => byField(fallback, (name) => own?.[name] ?? null);
  const locks = { lockedBefore: before?.locked ?? [], lockedAfter: after.locked };
  return {
    before: spell(before?.own),
    after: spell(after.own),
    ...(locks.lockedBefore.length + locks.lockedAfter.length > 0 ? locks : {}),
  };
}
