import { TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from './form-dialog.tsx';

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
      isReady={props.word === undefined || typed.trim() === props.word}
      onSubmit={props.onConfirm}
      onClose={props.onClose}
    >
      <div>{props.children}</div>
      {props.word === undefined ? null : <TypedWord word={props.word} value={typed} onChange={setTyped} />}
    </FormDialog>
  );
}

export interface TypedWordProps {
  readonly word: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Has a word typed, so that nobody does the worst by a slip. */
export function TypedWord({ word, value, onChange }: TypedWordProps) {
  const { t } = useTranslation('common');
  return (
    <TextInput
      label={t('confirm.typeWord', { word })}
      description={t('confirm.reason')}
      value={value}
      autoComplete="off"
      spellCheck={false}
      data-autofocus
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
