import { MAX_SAVED_VIEWS, type Permission, type SavedView, type ViewContent } from '@holdfast/api';
import { AppError, foldName } from '@holdfast/kernel';
import {
  type Actor,
  actorNameOf,
  identityOf,
  mayAt,
  mayEverywhere,
  requireEverywhere,
  requirePermission,
} from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Caller, type DirectoryModule, requireGroup } from '../directory/index.ts';
import {
  deleteSavedView,
  findSavedView,
  listSavedViews,
  lockViewsOf,
  type Owner,
  putSavedView,
  type SavedViewRecord,
} from './saved-views.store.ts';

export const savedViewErrorStatus = {
  SAVED_VIEW_NOT_FOUND: 404,
  SAVED_VIEW_CHANGED: 409,
  SAVED_VIEW_NAME_TAKEN: 409,
  SAVED_VIEW_LIMIT_REACHED: 409,
} as const;

export class SavedViewError extends AppError<keyof typeof savedViewErrorStatus> {}

export interface SavedViewDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'createId' | 'recordAuditEntry'>;
  readonly directory: Pick<DirectoryModule, 'findGroup'>;
}

export interface SavedViewInput {
  readonly name: string;
  readonly content: ViewContent;
  readonly isShared?: boolean | undefined;
}

/** Use cases of saved views: own ones are nobody else's business, shared ones everybody's who may see their group. */
export class SavedViewService {
  readonly #deps: SavedViewDependencies;

  constructor(deps: SavedViewDependencies) {
    this.#deps = deps;
  }

  /** @throws AccessError PERMISSION_DENIED */
  async list(actor: Actor): Promise<SavedView[]> {
    requirePermission(actor, 'directory:read');
    const owner = ownerOf(actor);
    const found = await listSavedViews(this.#deps.platform.database, owner);
    const seen = await Promise.all(
      found.map(async (view) => isOf(view, owner) || (await this.#maySee(actor, view))),
    );
    return found.filter((_, index) => seen[index] === true).map((view) => toSavedView(view, owner));
  }

  /** @throws AccessError; DirectoryError GROUP_NOT_FOUND; SavedViewError SAVED_VIEW_NAME_TAKEN, SAVED_VIEW_LIMIT_REACHED */
  async create(caller: Caller, input: SavedViewInput): Promise<SavedView> {
    const { actor } = caller;
    requirePermission(actor, 'directory:read');
    const { clock, createId } = this.#deps.platform;
    const owner = ownerOf(actor);
    return await this.#change(caller, 'saved-view.created', async (transaction) => {
      await lockViewsOf(transaction, owner);
      const view: SavedViewRecord = {
        id: createId(),
        owner,
        ownerName: actorNameOf(actor),
        name: input.name,
        content: input.content,
        isShared: input.isShared ?? false,
        createdAt: new Date(clock.now()),
        revision: 1,
      };
      await this.#put(transaction, actor, view);
      return view;
    });
  }

  /** @throws AccessError; DirectoryError GROUP_NOT_FOUND; SavedViewError of any code */
  async change(
    caller: Caller,
    id: string,
    change: { readonly [Key in keyof SavedViewInput]?: SavedViewInput[Key] | undefined } & {
      readonly revision: number;
    },
  ): Promise<SavedView> {
    const { actor } = caller;
    requirePermission(actor, 'directory:read');
    const owner = ownerOf(actor);
    return await this.#change(caller, 'saved-view.changed', async (transaction) => {
      await lockViewsOf(transaction, owner);
      const before = await findSavedView(transaction, id);
      if (before === undefined || !isOf(before, owner)) throw createNotFound();
      if (before.revision !== change.revision) {
        throw new SavedViewError('SAVED_VIEW_CHANGED', 'The view was changed since you opened it.', {
          remedy: 'Look at it as it is now and make your change again.',
        });
      }
      const view: SavedViewRecord = {
        ...before,
        name: change.name ?? before.name,
        content: change.content ?? before.content,
        isShared: change.isShared ?? before.isShared,
        revision: before.revision + 1,
      };
      await this.#put(transaction, actor, view);
      return view;
    });
  }

  /** @throws AccessError PERMISSION_DENIED; SavedViewError SAVED_VIEW_NOT_FOUND */
  async remove(caller: Caller, id: string): Promise<void> {
    const { actor } = caller;
    requirePermission(actor, 'directory:read');
    const owner = ownerOf(actor);
    await this.#change(caller, 'saved-view.removed', async (transaction) => {
      const view = await findSavedView(transaction, id);
      if (view === undefined || !isOf(view, owner)) throw createNotFound();
      await deleteSavedView(transaction, id);
      return view;
    });
  }

  /**
   * A view that somebody shares is theirs alone again.
   *
   * @throws AccessError PERMISSION_DENIED; SavedViewError SAVED_VIEW_NOT_FOUND
   */
  async withdraw(caller: Caller, id: string): Promise<void> {
    requireEverywhere(caller.actor, 'directory:edit');
    await this.#change(caller, 'saved-view.changed', async (transaction) => {
      const view = await findSavedView(transaction, id);
      if (view?.isShared !== true) throw createNotFound();
      const withdrawn = { ...view, isShared: false, revision: view.revision + 1 };
      await putSavedView(transaction, withdrawn);
      return withdrawn;
    });
  }

  async #put(transaction: Transaction, actor: Actor, view: SavedViewRecord): Promise<void> {
    await this.#requireGroup(actor, view.content, 'directory:read');
    if (view.isShared) await this.#requireGroup(actor, view.content, 'directory:edit');
    const own = (await listSavedViews(transaction, view.owner)).filter(
      (other) => isOf(other, view.owner) && other.id !== view.id,
    );
    if (own.some(({ name }) => foldName(name) === foldName(view.name))) {
      throw new SavedViewError('SAVED_VIEW_NAME_TAKEN', `You have a view "${view.name}" already.`, {
        remedy: 'Choose another name; capitals make no difference.',
      });
    }
    if (own.length >= MAX_SAVED_VIEWS) {
      throw new SavedViewError('SAVED_VIEW_LIMIT_REACHED', `You have ${MAX_SAVED_VIEWS} views.`, {
        facts: { limit: MAX_SAVED_VIEWS },
        remedy: 'Remove views that you do not need.',
      });
    }
    await putSavedView(transaction, view);
  }

  /** Where the filter names no group, anywhere will do. */
  async #requireGroup(
    actor: Actor,
    { filter: { groupId } }: ViewContent,
    permission: Permission,
  ): Promise<void> {
    if (groupId === undefined) requirePermission(actor, permission);
    else requireGroup(actor, permission, await this.#deps.directory.findGroup(groupId));
  }

  async #maySee(actor: Actor, { content: { filter } }: SavedViewRecord): Promise<boolean> {
    if (filter.groupId === undefined || mayEverywhere(actor, 'directory:read')) return true;
    const group = await this.#deps.directory.findGroup(filter.groupId);
    return group !== undefined && mayAt(actor, 'directory:read', group.path);
  }

  /** The change and its audit entry in one transaction. */
  async #change(
    { actor, request }: Caller,
    action: 'saved-view.created' | 'saved-view.changed' | 'saved-view.removed',
    work: (transaction: Transaction) => Promise<SavedViewRecord>,
  ): Promise<SavedView> {
    const { database, recordAuditEntry } = this.#deps.platform;
    const view = await inTransaction(database, async (transaction) => {
      const changed = await work(transaction);
      const { content, isShared } = changed;
      const { groupId } = content.filter;
      await recordAuditEntry(
        transaction,
        actor,
        {
          action,
          objectKind: 'saved-view',
          objectId: changed.id,
          objectName: changed.name,
          ...(groupId === undefined ? {} : { scopeGroupId: groupId }),
          details: { ...content, isShared },
        },
        request,
      );
      return changed;
    });
    return toSavedView(view, ownerOf(actor));
  }
}

function ownerOf(actor: Actor): Owner {
  const { kind, id, name } = identityOf(actor);
  return { kind, id: id ?? name };
}

function isOf({ owner }: SavedViewRecord, other: Owner): boolean {
  return owner.kind === other.kind && owner.id === other.id;
}

function createNotFound(): SavedViewError {
  return new SavedViewError('SAVED_VIEW_NOT_FOUND', 'There is no such view.', {
    remedy: 'It may have been removed, or it is no longer shared.',
  });
}

function toSavedView(view: SavedViewRecord, reader: Owner): SavedView {
  const { id, name, content, isShared, ownerName, revision } = view;
  const isOwn = isOf(view, reader);
  return {
    id,
    name,
    content,
    isShared,
    ownerName,
    isOwn,
    createdAt: view.createdAt.toISOString(),
    revision,
  };
}
