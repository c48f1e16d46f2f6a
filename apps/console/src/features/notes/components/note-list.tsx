import { addNote, MAX_NOTES_OF_DEVICE } from '@holdfast/api';
import { IconNotes } from '../../../shared/icons/icons.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { notesKey, useNotes } from '../../../shared/notes/notes-query.ts';
import { Notice } from '../../../shared/page/notice.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState } from '../../../shared/page/states.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { NoteForm } from './note-form.tsx';
import classes from './note-list.module.css';
import { NoteItem } from './note-item.tsx';

export interface NoteListProps {
  readonly deviceId: string;
}

/** What people wrote down about a device, newest first, and where one writes the next. */
export function NoteList({ deviceId }: NoteListProps) {
  const { t } = useTranslation('notes');
  const api = useApi();
  const queryClient = useQueryClient();
  const mayWrite = usePermission('notes:write');
  const notes = useNotes(deviceId);
  return (
    <div className={classes.notes}>
      <QueryView query={notes}>
        {(rows) => (
          <>
            {!mayWrite ? null : rows.length >= MAX_NOTES_OF_DEVICE ? (
              <Notice tone="attention">{t('full', { max: MAX_NOTES_OF_DEVICE })}</Notice>
            ) : (
              <NoteForm
                label={t('label')}
                placeholder={t('placeholder')}
                initial=""
                help={t('help')}
                submitText={t('add')}
                onSubmit={async (text) => {
                  await api.call(addNote, { params: { deviceId }, body: { text } });
                  await queryClient.invalidateQueries({ queryKey: notesKey(deviceId) });
                }}
              />
            )}
            {rows.length === 0 ? (
              <EmptyState
                icon={<IconNotes size={28} stroke={1.5} />}
                title={t('emptyTitle')}
                text={mayWrite ? t('emptyText') : t('emptyReader')}
              />
            ) : (
              <ol className={classes.list} aria-label={t('list')}>
                {rows.map((note) => (
                  <NoteItem key={note.id} note={note} />
                ))}
              </ol>
            )}
          </>
        )}
      </QueryView>
    </div>
  );
}
