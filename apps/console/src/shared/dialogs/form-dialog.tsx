import { Button } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorDetails, useErrorText } from '../notify/error-text.tsx';
import { Notice } from '../page/notice.tsx';
import { Dialog } from './dialog.tsx';
import classes from './form-dialog.module.css';

export interface FormDialogProps {
  readonly title: string;
  readonly submitText: string;
  /** What the way out is called where "Cancel" could be taken for what is asked. */
  readonly cancelText?: string | undefined;
  readonly isDangerous?: boolean;
  readonly isReady?: boolean;
  readonly size?: 'sm' | 'md' | 'lg';
  /** Resolves when done: the dialog closes; what it throws is shown, and what was typed stays. */
  readonly onSubmit: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function FormDialog(props: FormDialogProps) {
  const { t } = useTranslation('common');
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    if (isBusy || props.isReady === false) return;
    setBusy(true);
    setError(undefined);
    props
      .onSubmit()
      .catch((reason: unknown) => setError(reason ?? new Error('unknown')))
      .finally(() => setBusy(false));
  };

  return (
    <Dialog title={props.title} size={props.size ?? 'md'} onClose={props.onClose}>
      <form onSubmit={submit} noValidate className={classes.form}>
        {props.children}
        {error === undefined ? null : <FormError error={error} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={props.onClose}>
            {props.cancelText ?? t('action.cancel')}
          </Button>
          <Button
            type="submit"
            loading={isBusy}
            disabled={props.isReady === false}
            classNames={{ root: classes.submit ?? '', label: classes.submitText ?? '' }}
            {...(props.isDangerous === true ? { color: 'red' } : {})}
          >
            {props.submitText}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export interface FormErrorProps {
  readonly error: unknown;
}

/** Why the server refused, beside the form. */
export function FormError({ error }: FormErrorProps) {
  const { title } = useErrorText()(error);
  return (
    <Notice tone="failed" role="alert">
      <strong>{title}</strong>
      <ErrorDetails error={error} />
    </Notice>
  );
}
