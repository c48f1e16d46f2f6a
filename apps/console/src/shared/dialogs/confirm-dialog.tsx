import { TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './confirm-dialog.module.css';
import { FormDialog } from './form-dialog.tsx';
import { isOffTheWord, isTyped } from './typed-word.ts';

export interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen, and to how many. */
  readonly children: ReactNode;
  readonly confirmText: string;
  /** What the way out is called where "Cancel" could be taken for what is asked. */
  readonly cancelText?: string | undefined;
  readonly isDangerous?: boolean;
  /** For the worst: this word has to be typed. */
  readonly word?: string | undefined;
  /** Why it is asked for; absent: because it cannot be undone. */
  readonly wordReason?: string | undefined;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <FormDialog
      title={props.title}
      submitText={props.confirmText}
      cancelText={props.cancelText}
      isDangerous={props.isDangerous ?? false}
      isReady={props.word === undefined || isTyped(typed, props.word)}
      onSubmit={props.onConfirm}
      onClose={props.onClose}
    >
      <div>{props.children}</div>
      {props.word === undefined ? null : (
        <TypedWord word={props.word} reason={props.wordReason} value={typed} onChange={setTyped} />
      )}
    </FormDialog>
  );
}

export interface TypedWordProps {
  readonly word: string;
  readonly reason?: string | undefined;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Has a word typed, so that nobody does the worst by a slip. */
export function TypedWord({ word, reason, value, onChange }: TypedWordProps) {
  const { t } = useTranslation('common');
  const [before = '', after = ''] = t('confirm.typeWord', { word: '\n' }).split('\n');
  return (
    <TextInput
      label={
        <>
          {before}
          <strong className={classes.word}>{word}</strong>
          {after}
        </>
      }
      description={reason ?? t('confirm.reason')}
      error={isOffTheWord(value, word) ? t('confirm.otherWord', { word }) : undefined}
      value={value}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
