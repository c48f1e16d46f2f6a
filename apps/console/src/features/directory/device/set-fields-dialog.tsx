import {
  type BodyOf,
  definitionOf,
  type DeviceSummary,
  MAX_FIELD_CHARACTERS,
  setDeviceFields,
  setFields,
} from '@holdfast/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { useDirectoryRefresh } from '../use-restore.ts';

type SetTexts = BodyOf<typeof setDeviceFields>;

export interface SetFieldsDialogProps {
  readonly device: DeviceSummary;
  readonly onClose: () => void;
}

/** Asks for what people say of a device. */
export function SetFieldsDialog({ device, onClose }: SetFieldsDialogProps) {
  const { t } = useTranslation('device');
  const api = useApi();
  const notify = useNotify();
  const refresh = useDirectoryRefresh();
  const [texts, setTexts] = useState<SetTexts>({});
  const changed = setFields.filter((name) => (texts[name] ?? device[name]).trim() !== device[name]);

  const send = async (read: (name: (typeof setFields)[number]) => string): Promise<void> => {
    const body: SetTexts = Object.fromEntries(changed.map((name) => [name, read(name)]));
    await api.call(setDeviceFields, { params: { deviceId: device.id }, body });
    refresh();
  };
  const submit = async (): Promise<void> => {
    await send((name) => (texts[name] ?? '').trim());
    onClose();
    const undo = (): void => void send((name) => device[name]).catch(notify.error);
    notify.success(t('fields.done', { name: device.name }), undo);
  };

  return (
    <FormDialog
      title={t('fields.title', { name: device.name })}
      submitText={t('fields.submit')}
      isReady={changed.length > 0}
      size="sm"
      onSubmit={submit}
      onClose={onClose}
    >
      {setFields.map((name, index) => (
        <TextInput
          key={name}
          label={definitionOf(name).title}
          value={texts[name] ?? device[name]}
          maxLength={MAX_FIELD_CHARACTERS}
          {...(index === 0 ? { 'data-autofocus': true } : {})}
          onChange={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
        />
      ))}
    </FormDialog>
  );
}
