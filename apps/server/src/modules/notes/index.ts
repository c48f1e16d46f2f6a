/**
 * Notes: what people write down about a device, with author and time. Promises that a note is plain text of bounded length, that
 * only its author and whoever edits the device changes it, that every change leaves the old text in the audit log, and
 * that a removal can be taken back for a day.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import { noteErrorStatus } from './notes.errors.ts';
import { noteEvents } from './notes.events.ts';
import { registerNoteRoutes } from './notes.routes.ts';
import { type NotePlatform, NoteService } from './notes.service.ts';
import { forgetRemovedNotes } from './notes.store.ts';
import './notes.tables.ts';

export interface NotesDependencies {
  readonly platform: NotePlatform & Pick<Platform, 'events' | 'jobs' | 'registerRoute'>;
  readonly directory: DirectoryModule;
}

/** How long a removed note can be restored. */
const UNDO_MS = 86_400_000;

export function createNotesModule({ platform, directory }: NotesDependencies): void {
  const { database } = platform;
  registerErrorStatus(noteErrorStatus);
  platform.events.define(noteEvents);
  registerNoteRoutes(platform.registerRoute, new NoteService({ platform, directory }));
  platform.jobs.registerPruning({
    what: 'removed notes',
    prune: async (now) => await forgetRemovedNotes(database, new Date(now.getTime() - UNDO_MS)),
  });
}
