import { changeNote, type Note, removeNote, restoreNote } from '@holdfast/api';
import { ActionIcon } from '@mantine/core';
import { IconPencil, IconTrash } from '../../../shared/icons/icons.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { notesKey } from '../../../shared/notes/notes-query.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { NoteForm } from './note-form.tsx';
import classes from './note-list.module.css';

export interface NoteItemProps {
  readonly note: Note;
}

export function NoteItem({ note }: NoteItemProps) {
  const { t } = useTranslation('notes');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const mayWrite = usePermission('notes:write');
  const mayEditAny = usePermission('directory:edit');
  const [isEditing, setEditing] = useState(false);
  const mayChange = mayWrite && (note.isOwn || mayEditAny);
  const params = { noteId: note.id };
  const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: notesKey(note.deviceId) });

  const remove = (): void => {
    api.call(removeNote, { params }).then(() => {
      void refresh();
      notify.success(t('removed'), () => {
        api.call(restoreNote, { params }).then(() => {
          void refresh();
          notify.success(t('restored'));
        }, notify.error);
      });
    }, notify.error);
  };

  return (
    <li className={classes.note}>
      <div className={classes.head}>
        <strong className={classes.author}>{note.createdBy}</strong>
        <RelativeTimeLabel at={note.createdAt} className="hf-soft" />
        <ChangedMark note={note} />
        {mayChange && !isEditing ? (
          <span className={classes.actions}>
            <ActionIcon
              size="sm"
              aria-label={t('editOf', { name: note.createdBy })}
              title={t('edit')}
              onClick={() => setEditing(true)}
            >
              <IconPencil size={16} stroke={1.75} />
            </ActionIcon>
            <ActionIcon
              size="sm"
              aria-label={t('removeOf', { name: note.createdBy })}
              title={t('remove')}
              onClick={remove}
            >
              <IconTrash size={16} stroke={1.75} />
            </ActionIcon>
          </span>
        ) : null}
      </div>
      {isEditing ? (
        <NoteForm
          label={t('editLabel')}
          initial={note.text}
          help={t('helpEdit')}
          submitText={t('save')}
          onSubmit={async (text) => {
            await api.call(changeNote, { params, body: { text, revision: note.revision } });
            await refresh();
            setEditing(false);
          }}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <p className={classes.text}>{note.text}</p>
      )}
    </li>
  );
}

function ChangedMark({ note }: NoteItemProps) {
  const { t } = useTranslation('notes');
  const format = useFormat();
  const { changedAt, changedBy } = note;
  const atMs = changedAt === null ? undefined : Date.parse(changedAt);
  const ago = useTicking((nowMs) => (atMs === undefined ? '' : format.ago(nowMs, atMs)));
  if (atMs === undefined) return null;
  return (
    <span className="hf-soft" title={format.exact(atMs)}>
      {changedBy === note.createdBy
        ? t('changedSelf', { ago })
        : t('changed', { ago, name: changedBy ?? '' })}
    </span>
  );
}
