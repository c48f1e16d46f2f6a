import { addNote, changeNote, listNotes, type Note, removeNote, restoreNote } from '@holdfast/api';
import { deviceOf } from './device-handlers.ts';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { isoAt, type World } from './world.ts';

export function handleNotes({ handle }: RouteTable): void {
  handle(listNotes, ({ world, params }) => ({
    notes: world.notes
      .filter((note) => note.deviceId === params.deviceId)
      .toSorted((one, other) => (one.createdAt < other.createdAt ? 1 : -1)),
  }));
  handle(addNote, ({ world, params, body }) => {
    deviceOf(world, params.deviceId);
    const note: Note = {
      id: world.random.uuid(world.now()),
      deviceId: params.deviceId,
      text: body.text.trimEnd(),
      createdAt: isoAt(world.now()),
      createdBy: 'Admin',
      changedAt: null,
      changedBy: null,
      revision: 1,
      isOwn: true,
    };
    world.notes.push(note);
    announce(world, note);
    return note;
  });
  handle(changeNote, ({ world, params, body }) => {
    const note = noteOf(world.notes, params.noteId);
    if (note.revision !== body.revision) throw new Refusal(409, 'NOTE_CHANGED', 'The note has been changed.');
    const changed: Note = {
      ...note,
      text: body.text.trimEnd(),
      changedAt: isoAt(world.now()),
      changedBy: 'Admin',
      revision: note.revision + 1,
    };
    world.notes = world.notes.map((one) => (one === note ? changed : one));
    announce(world, changed);
    return changed;
  });
  handle(removeNote, ({ world, params }) => {
    const note = noteOf(world.notes, params.noteId);
    world.notes = world.notes.filter((one) => one !== note);
    world.removedNotes.push(note);
    announce(world, note);
    return null;
  });
  handle(restoreNote, ({ world, params }) => {
    const note = noteOf(world.removedNotes, params.noteId);
    world.removedNotes = world.removedNotes.filter((one) => one !== note);
    world.notes.push(note);
    announce(world, note);
    return note;
  });
}

function noteOf(notes: readonly Note[], noteId: string): Note {
  const note = notes.find((one) => one.id === noteId);
  if (note === undefined) throw notFound();
  return note;
}

function announce(world: World, note: Note): void {
  world.publish({ type: 'device', deviceId: note.deviceId, change: 'changed' });
}
