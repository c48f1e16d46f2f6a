import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';

export interface NameDialogProps {
  readonly title: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly initial: string;
  readonly submitText: string;
  readonly onSubmit: (name: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for one name. */
export function NameDialog(props: NameDialogProps) {
  const { t } = useTranslation('common');
  const [name, setName] = useState(props.initial);
  const isReady = name.trim() !== '' && name.trim() !== props.initial;
  return (
    <FormDialog
      title={props.title}
      submitText={props.submitText === '' ? t('action.save') : props.submitText}
      isReady={isReady}
      size="sm"
      onSubmit={() => props.onSubmit(name.trim())}
      onClose={props.onClose}
    >
      <TextInput
        label={props.label}
        description={props.description}
        value={name}
        maxLength={128}
        data-autofocus
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setName(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
