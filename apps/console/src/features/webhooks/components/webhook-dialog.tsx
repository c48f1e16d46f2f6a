import { createWebhook, type ResponseOf, updateWebhook, type Webhook } from '@holdfast/api';
import { Checkbox, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { SecretDialog } from '../../../shared/dialogs/secret-dialog.tsx';
import { GroupSelect } from '../../../shared/groups/group-select.tsx';
import { webhooksKey } from '../api/webhook-key.ts';
import { EventPicker } from './event-picker.tsx';

export interface WebhookDialogProps {
  /** The one that is changed; absent for a new one. */
  readonly webhook?: Webhook | undefined;
  readonly onClose: () => void;
}

/** Creates a webhook and shows its secret, or changes one. */
export function WebhookDialog({ webhook, onClose }: WebhookDialogProps) {
  const { t } = useTranslation('webhooks');
  const api = useApi();
  const queryClient = useQueryClient();
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState<readonly string[]>(webhook?.events ?? []);
  const [groupId, setGroupId] = useState(webhook?.groupId ?? undefined);
  const [allowsPrivate, setAllowsPrivate] = useState(webhook?.allowsPrivate ?? false);
  const [created, setCreated] = useState<ResponseOf<typeof createWebhook>>();
  if (created !== undefined) {
    return (
      <SecretDialog
        title={t('secret.title', { name: created.webhook.name })}
        text={t('secret.text')}
        value={created.secret}
        what={t('secret.what')}
        onClose={onClose}
      />
    );
  }
  const submit = async (): Promise<void> => {
    const body = {
      name: name.trim(),
      url: url.trim(),
      events: [...events],
      groupId: groupId ?? null,
      allowsPrivate,
    };
    if (webhook === undefined) setCreated(await api.call(createWebhook, { body }));
    else {
      const params = { webhookId: webhook.id };
      await api.call(updateWebhook, { params, body: { ...body, revision: webhook.revision } });
      onClose();
    }
    await queryClient.invalidateQueries({ queryKey: webhooksKey });
  };
  return (
    <FormDialog
      title={
        webhook === undefined ? t('dialog.createTitle') : t('dialog.changeTitle', { name: webhook.name })
      }
      submitText={webhook === undefined ? t('dialog.create') : t('dialog.save')}
      size="lg"
      isReady={name.trim() !== '' && url.trim() !== '' && events.length > 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('dialog.name')}
        description={t('dialog.nameHelp')}
        value={name}
        maxLength={128}
        data-autofocus
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label={t('dialog.url')}
        description={t('dialog.urlHelp')}
        placeholder="https://"
        type="url"
        value={url}
        maxLength={2_000}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <EventPicker value={events} onChange={setEvents} />
      <GroupSelect
        label={t('dialog.group')}
        description={t('dialog.groupHelp')}
        emptyText={t('dialog.groupEmpty')}
        value={groupId}
        onChange={setGroupId}
      />
      <Checkbox
        label={t('dialog.private')}
        description={t('dialog.privateHelp')}
        checked={allowsPrivate}
        onChange={(event) => setAllowsPrivate(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
