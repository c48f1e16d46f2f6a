import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Revision, Uuid } from './scalars.ts';

/** How many notes a device has at most, and characters a note. */
export const MAX_NOTES_OF_DEVICE = 200;
export const MAX_NOTE_LENGTH = 4_000;

/** Plain text with line breaks: something that can be seen, and no control characters but line breaks and tabs. */
export const noteTextPattern =
  '^(?=[^]*[^\\p{White_Space}\\p{Default_Ignorable_Code_Point}\\p{M}\\p{Cc}\\p{Cf}\\p{Cs}\\u2800])(?:[\\t\\r\\n]|[^\\p{Cc}\\p{Cs}])+$';

const NoteText = Type.String({ minLength: 1, maxLength: MAX_NOTE_LENGTH, pattern: noteTextPattern });

/** What somebody wrote down about a device. */
export const Note = Type.Object({
  id: Uuid,
  deviceId: Uuid,
  text: Type.String(),
  createdAt: Instant,
  createdBy: Type.String(),
  /** When the text was changed last, and by whom; null while it is as it was written. */
  changedAt: Type.Union([Instant, Type.Null()]),
  changedBy: Type.Union([Type.String(), Type.Null()]),
  revision: Revision,
  /** The caller wrote it. */
  isOwn: Type.Boolean(),
});
export type Note = Static<typeof Note>;

const tag = 'Notes';
const write = { permission: 'notes:write' } as const;
const NoteParams = Type.Object({ noteId: Uuid }, { additionalProperties: false });
const DeviceParams = Type.Object({ deviceId: Uuid }, { additionalProperties: false });

export const listNotes = defineRoute({
  name: 'listNotes',
  method: 'GET',
  path: '/api/v1/devices/:deviceId/notes',
  tag,
  access: { permission: 'directory:read' },
  summary: 'The notes on a device, newest first',
  params: DeviceParams,
  response: Type.Object({ notes: Type.Array(Note) }),
});
export const addNote = defineRoute({
  name: 'addNote',
  method: 'POST',
  path: '/api/v1/devices/:deviceId/notes',
  tag,
  access: write,
  status: 201,
  summary: 'Write a note on a device',
  params: DeviceParams,
  body: Type.Object({ text: NoteText }, { additionalProperties: false }),
  response: Note,
});
export const changeNote = defineRoute({
  name: 'changeNote',
  method: 'PATCH',
  path: '/api/v1/notes/:noteId',
  tag,
  access: write,
  summary: 'Change the text of an own note; with directory:edit of any',
  params: NoteParams,
  body: Type.Object({ text: NoteText, revision: Revision }, { additionalProperties: false }),
  response: Note,
});
export const removeNote = defineRoute({
  name: 'removeNote',
  method: 'DELETE',
  path: '/api/v1/notes/:noteId',
  tag,
  access: write,
  summary: 'Remove an own note, with directory:edit any; for a day it can be restored',
  params: NoteParams,
});
export const restoreNote = defineRoute({
  name: 'restoreNote',
  method: 'POST',
  path: '/api/v1/notes/:noteId/restore',
  tag,
  access: write,
  summary: 'Put a removed note back',
  params: NoteParams,
  response: Note,
});
