import { addNote, changeNote, listNotes, removeNote, restoreNote } from '@holdfast/api';
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { NoteService } from './notes.service.ts';

export function registerNoteRoutes(registerRoute: RegisterRoute, notes: NoteService): void {
  registerRoute(listNotes, async ({ actor, params }) => ({
    notes: await notes.list(actor, params.deviceId),
  }));
  registerRoute(addNote, async (it) => await notes.add(it, it.params.deviceId, it.body.text));
  registerRoute(changeNote, async (it) => await notes.change(it, it.params.noteId, it.body));
  registerRoute(removeNote, async (it) => {
    await notes.remove(it, it.params.noteId);
    return null;
  });
  registerRoute(restoreNote, async (it) => await notes.restore(it, it.params.noteId));
}
