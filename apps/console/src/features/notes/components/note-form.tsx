import { MAX_NOTE_LENGTH } from '@holdfast/api';
import { Button, Textarea } from '@mantine/core';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormError } from '../../../shared/dialogs/form-dialog.tsx';
import classes from './note-list.module.css';

export interface NoteFormProps {
  readonly label: string;
  readonly placeholder?: string;
  readonly initial: string;
  /** How to send it without the mouse. */
  readonly help: string;
  readonly submitText: string;
  readonly onSubmit: (text: string) => Promise<void>;
  /** Absent where there is nothing to go back to. */
  readonly onCancel?: () => void;
}

/** Fewer than this are told, so that nobody meets the end unprepared. */
const toldFrom = 300;

/** Where a note is written. What the server refuses stays in the field. */
export function NoteForm(props: NoteFormProps) {
  const { t } = useTranslation('notes');
  const [text, setText] = useState(props.initial);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const left = MAX_NOTE_LENGTH - [...text].length;
  const isReady = text.trim() !== '' && left >= 0 && text !== props.initial;

  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    if (!isReady || isBusy) return;
    setBusy(true);
    setError(undefined);
    props
      .onSubmit(text)
      .then(
        () => setText(''),
        (reason: unknown) => setError(reason ?? new Error('unknown')),
      )
      .finally(() => setBusy(false));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
    if (event.key === 'Escape') props.onCancel?.();
  };

  return (
    <form onSubmit={submit} className={classes.form}>
      <Textarea
        aria-label={props.label}
        placeholder={props.placeholder}
        value={text}
        autosize
        minRows={2}
        maxRows={14}
        error={left < 0 ? t('left', { count: left }) : undefined}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {error === undefined ? null : <FormError error={error} />}
      <div className={classes.formFoot}>
        <span className="hf-soft">
          {left < toldFrom && left >= 0 ? t('left', { count: left }) : props.help}
        </span>
        {props.onCancel === undefined ? null : (
          <Button variant="default" size="compact-md" onClick={props.onCancel}>
            {t('cancel')}
          </Button>
        )}
        <Button type="submit" size="compact-md" variant="light" loading={isBusy} disabled={!isReady}>
          {props.submitText}
        </Button>
      </div>
    </form>
  );
}
