import { MAX_NOTES_OF_DEVICE, type Note, type Permission } from '@holdfast/api';
import {
  type Actor,
  actorNameOf,
  identityOf,
  requirePermission,
  type Sight,
} from '../../platform/access/actor.ts';
import { type Database, inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  type Caller,
  createDeviceNotFound,
  deviceSight,
  type DirectoryModule,
  type SelectedDevice,
} from '../directory/index.ts';
import { createNoteLimitReached, createNoteNotFound, NoteError } from './notes.errors.ts';
import {
  type Author,
  countNotes,
  insertNote,
  listNotes,
  lockNote,
  lockNotesOf,
  markNote,
  type NoteRecord,
  writeNote,
} from './notes.store.ts';

export type NotePlatform = Pick<
  Platform,
  'database' | 'clock' | 'createId' | 'recordAuditEntry' | 'recordEvents'
>;

interface NoteChange {
  readonly action: 'note.added' | 'note.changed' | 'note.removed' | 'note.restored';
  readonly note: NoteRecord;
  readonly device: SelectedDevice;
  readonly details: Readonly<Record<string, unknown>>;
}

const noteSight: Sight = { permission: 'directory:read', createNotFound: createNoteNotFound };

export interface NoteParts {
  readonly platform: NotePlatform;
  readonly directory: Pick<DirectoryModule, 'findDevices'>;
}

/** Use cases of notes. What a note said is in the audit log with every change, so that no old text is lost. */
export class NoteService {
  readonly #platform: NotePlatform;
  readonly #directory: Pick<DirectoryModule, 'findDevices'>;

  constructor({ platform, directory }: NoteParts) {
    this.#platform = platform;
    this.#directory = directory;
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND */
  async list(actor: Actor, deviceId: string): Promise<Note[]> {
    requirePermission(actor, 'directory:read');
    const { database } = this.#platform;
    await this.#getDevice(database, actor, deviceId, 'directory:read');
    return (await listNotes(database, deviceId)).map((note) => toNote(actor, note));
  }

  /** @throws AccessError PERMISSION_DENIED; DirectoryError DEVICE_NOT_FOUND; NoteError NOTE_LIMIT_REACHED */
  async add(caller: Caller, deviceId: string, text: string): Promise<Note> {
    const { actor } = caller;
    requirePermission(actor, 'notes:write');
    const { createId, clock } = this.#platform;
    return await this.#commit(caller, async (transaction) => {
      const device = await this.#getDevice(transaction, actor, deviceId, 'notes:write');
      await lockNotesOf(transaction, deviceId);
      if ((await countNotes(transaction, deviceId)) >= MAX_NOTES_OF_DEVICE) throw createNoteLimitReached();
      const note: NoteRecord = {
        id: createId(),
        deviceId,
        text: toNoteText(text),
        createdAt: new Date(clock.now()),
        createdBy: actorNameOf(actor),
        author: authorOf(actor),
        removedBy: null,
        changedAt: null,
        changedBy: null,
        revision: 1,
      };
      await insertNote(transaction, note);
      return { action: 'note.added', note, device, details: { text: note.text } };
    });
  }

  /** @throws AccessError PERMISSION_DENIED; NoteError NOTE_NOT_FOUND, NOTE_CHANGED */
  async change(
    caller: Caller,
    noteId: string,
    change: { readonly text: string; readonly revision: number },
  ): Promise<Note> {
    const { actor } = caller;
    requirePermission(actor, 'notes:write');
    return await this.#commit(caller, async (transaction) => {
      const { note: before, device } = await this.#lockWritable(transaction, actor, noteId, 'present');
      if (before.revision !== change.revision) {
        throw new NoteError('NOTE_CHANGED', 'The note has been changed since you opened it.', {
          remedy: 'Read it as it is now and make your change again.',
        });
      }
      const note: NoteRecord = {
        ...before,
        text: toNoteText(change.text),
        changedAt: new Date(this.#platform.clock.now()),
        changedBy: actorNameOf(actor),
        revision: before.revision + 1,
      };
      await writeNote(transaction, note);
      return { action: 'note.changed', note, device, details: { before: before.text, after: note.text } };
    });
  }

  /** @throws AccessError PERMISSION_DENIED; NoteError NOTE_NOT_FOUND */
  async remove(caller: Caller, noteId: string): Promise<void> {
    requirePermission(caller.actor, 'notes:write');
    await this.#commit(caller, async (transaction) => {
      const { note, device } = await this.#lockWritable(transaction, caller.actor, noteId, 'present');
      const at = new Date(this.#platform.clock.now());
      await markNote(transaction, noteId, { at, by: authorOf(caller.actor) });
      return {
        action: 'note.removed',
        note,
        device,
        details: { text: note.text, writtenBy: note.createdBy },
      };
    });
  }

  /**
   * What somebody else removed is not its author's to take back.
   *
   * @throws AccessError PERMISSION_DENIED; NoteError NOTE_NOT_FOUND
   */
  async restore(caller: Caller, noteId: string): Promise<Note> {
    requirePermission(caller.actor, 'notes:write');
    return await this.#commit(caller, async (transaction) => {
      const { note, device } = await this.#lockWritable(transaction, caller.actor, noteId, 'removed');
      if (note.removedBy === null || !isSame(note.removedBy, authorOf(caller.actor)))
        requirePermission(caller.actor, 'directory:edit', device.group.path, noteSight);
      await markNote(transaction, noteId, null);
      return { action: 'note.restored', note, device, details: { text: note.text } };
    });
  }

  /** The change with its audit entry in one transaction; then open consoles are told. */
  async #commit(caller: Caller, work: (transaction: Transaction) => Promise<NoteChange>): Promise<Note> {
    const { actor, request } = caller;
    const { note } = await inTransaction(this.#platform.database, async (transaction) => {
      const change = await work(transaction);
      await this.#platform.recordEvents(transaction, {
        type: change.action,
        objectId: change.note.id,
        groupIds: change.device.group.path,
        data: { deviceId: change.device.id, deviceName: change.device.name, by: actorNameOf(actor) },
      });
      await this.#platform.recordAuditEntry(
        transaction,
        actor,
        {
          action: change.action,
          objectKind: 'device',
          objectId: change.device.id,
          objectName: change.device.name,
          scopeGroupId: change.device.group.id,
          details: { noteId: change.note.id, ...change.details },
        },
        request,
      );
      return change;
    });
    return toNote(actor, note);
  }

  /** The device outside the recycle bin, where the caller may do this. */
  async #getDevice(
    db: Database,
    actor: Actor,
    deviceId: string,
    permission: Permission,
  ): Promise<SelectedDevice> {
    const [device] = await this.#directory.findDevices(db, [deviceId]);
    if (device === undefined) throw createDeviceNotFound();
    requirePermission(actor, permission, device.group.path, deviceSight);
    return device;
  }

  async #lockWritable(
    transaction: Transaction,
    actor: Actor,
    noteId: string,
    state: 'present' | 'removed',
  ): Promise<{ readonly note: NoteRecord; readonly device: SelectedDevice }> {
    const note = await lockNote(transaction, noteId, state);
    const [device] =
      note === undefined ? [] : await this.#directory.findDevices(transaction, [note.deviceId]);
    if (note === undefined || device === undefined) throw createNoteNotFound();
    requirePermission(actor, 'notes:write', device.group.path, noteSight);
    if (!isAuthor(actor, note)) requirePermission(actor, 'directory:edit', device.group.path, noteSight);
    return { note, device };
  }
}

/** Line breaks in one form, and none at the end. */
function toNoteText(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n').trimEnd();
}

function authorOf(actor: Actor): Author {
  const { kind, id, name } = identityOf(actor);
  return { kind, id: id ?? name };
}

function isAuthor(actor: Actor, { author }: NoteRecord): boolean {
  return isSame(author, authorOf(actor));
}

function isSame(one: Author, other: Author): boolean {
  return one.kind === other.kind && one.id === other.id;
}

function toNote(actor: Actor, note: NoteRecord): Note {
  return {
    id: note.id,
    deviceId: note.deviceId,
    text: note.text,
    createdAt: note.createdAt.toISOString(),
    createdBy: note.createdBy,
    changedAt: note.changedAt?.toISOString() ?? null,
    changedBy: note.changedBy,
    revision: note.revision,
    isOwn: isAuthor(actor, note),
  };
}
