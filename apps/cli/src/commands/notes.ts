import { addNote, listNotes, type Note, removeNote, restoreNote } from '@holdfast/api';
import type { Command } from 'commander';
import type { AddAction } from '../command-tools.ts';
import { findDeviceId } from './lookup.ts';

export function addNoteCommands(directory: Command, addAction: AddAction): void {
  const notes = directory.command('notes').description('what people wrote down about a device');
  addAction(
    notes
      .command('list')
      .description('the notes on a device, newest first')
      .argument('<device>', 'name or id'),
    async ({ client, printer }, _options, [device = '']) => {
      const api = await client();
      const { notes: rows } = await api.call(listNotes, {
        params: { deviceId: await findDeviceId(api, device) },
      });
      printer.result(rows, () => (rows.length === 0 ? 'No notes.\n' : rows.map(formatNote).join('\n')));
    },
  );
  addAction(
    notes
      .command('add')
      .description('write a note on a device')
      .argument('<device>', 'name or id')
      .argument('<text>', 'plain text; line breaks stay')
      .addHelpText('after', '\nExample:\n  holdfast directory notes add laptop-17 "Screen replaced"\n'),
    async ({ client, printer }, _options, [device = '', text = '']) => {
      const api = await client();
      const deviceId = await findDeviceId(api, device);
      const note = await api.call(addNote, { params: { deviceId }, body: { text } });
      printer.result(note, () => `Written: ${note.id}\n`);
    },
  );
  addAction(
    notes
      .command('remove')
      .description('remove a note; for a day it can be restored')
      .argument('<id>', 'id from `notes list`'),
    async ({ client, printer }, _options, [noteId = '']) => {
      await (await client()).call(removeNote, { params: { noteId } });
      printer.result(
        { id: noteId, state: 'removed' },
        () => `Removed. Undo: holdfast directory notes restore ${noteId}\n`,
      );
    },
  );
  addAction(
    notes
      .command('restore')
      .description('put a removed note back')
      .argument('<id>', 'as `notes remove` said'),
    async ({ client, printer }, _options, [noteId = '']) => {
      const note = await (await client()).call(restoreNote, { params: { noteId } });
      printer.result(note, () => `Restored.\n`);
    },
  );
}

/** Who wrote it and when, and below the text, set in. */
function formatNote(note: Note): string {
  const changed = note.changedAt === null ? '' : `, changed ${note.changedAt} by ${note.changedBy ?? ''}`;
  const text = note.text.replaceAll(/^/gm, '  ');
  return `${note.createdAt} ${note.createdBy}${changed}  ${note.id}\n${text}\n`;
}
