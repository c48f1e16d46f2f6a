import {
  pauseWebhook,
  removeWebhook,
  type ResponseOf,
  resumeWebhook,
  rotateWebhookSecret,
  testWebhook,
  type Webhook,
  type WebhookDelivery,
} from '@holdfast/api';
import { Button, Menu } from '@mantine/core';
import { IconChevronDown } from '../../../shared/icons/icons.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ChangeDialog } from '../../../shared/dialogs/change-dialog.tsx';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { SecretDialog } from '../../../shared/dialogs/secret-dialog.tsx';
import { lateComponent } from '../../../shared/late/late-component.tsx';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { webhooksKey } from '../api/webhook-key.ts';
import { useWaitingText } from './webhook-state.tsx';

const WebhookDialog = lateComponent(() => import('./webhook-dialog.tsx'), 'WebhookDialog');

interface WebhookProps {
  readonly webhook: Webhook;
}

export interface WebhookActionsProps extends WebhookProps {
  /** Told what came of a message that was asked for. */
  readonly onOutcome: (delivery: WebhookDelivery) => void;
}

/** What can be done with a webhook. */
export function WebhookActions({ webhook, onOutcome }: WebhookActionsProps) {
  const { t } = useTranslation('webhooks');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const [isBusy, setBusy] = useState(false);
  const [open, setOpen] = useState<'change' | 'rotate' | 'skip' | 'remove'>();
  const params = { webhookId: webhook.id };
  const close = (): void => setOpen(undefined);
  const run = (work: () => Promise<void>): void => {
    setBusy(true);
    work()
      .catch((error: unknown) => notify.error(error))
      .finally(() => {
        setBusy(false);
        void queryClient.invalidateQueries({ queryKey: webhooksKey });
      });
  };
  const test = async (): Promise<void> => onOutcome(await api.call(testWebhook, { params }));
  const resume = async (skipsWaiting: boolean): Promise<void> => {
    await api.call(resumeWebhook, { params, body: { skipsWaiting } });
    notify.success(t('resumed', { name: webhook.name }));
  };
  const pause = async (): Promise<void> => {
    await api.call(pauseWebhook, { params });
    notify.success(t('paused', { name: webhook.name }), () => run(() => resume(false)));
  };
  const isStopped = webhook.state !== 'active' || webhook.failingSince !== null;
  return (
    <>
      <Button variant="default" loading={isBusy} onClick={() => run(test)}>
        {t('action.test')}
      </Button>
      {isStopped ? (
        <Button variant="default" disabled={isBusy} onClick={() => run(() => resume(false))}>
          {webhook.state === 'active' ? t('action.retry') : t('action.resume')}
        </Button>
      ) : null}
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} />}>
            {t('action.more')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('change')}>{t('action.change')}</Menu.Item>
          {webhook.state === 'active' ? (
            <Menu.Item onClick={() => run(pause)}>{t('action.pause')}</Menu.Item>
          ) : null}
          {webhook.waiting.value > 0 ? (
            <Menu.Item onClick={() => setOpen('skip')}>{t('action.skip')}</Menu.Item>
          ) : null}
          <Menu.Item onClick={() => setOpen('rotate')}>{t('action.rotate')}</Menu.Item>
          <Menu.Item color="red" onClick={() => setOpen('remove')}>
            {t('action.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'change' ? <WebhookDialog webhook={webhook} onClose={close} /> : null}
      {open === 'rotate' ? <RotateDialog webhook={webhook} onClose={close} /> : null}
      {open === 'skip' ? <SkipDialog webhook={webhook} onClose={close} onSkip={() => resume(true)} /> : null}
      {open === 'remove' ? <RemoveDialog webhook={webhook} onClose={close} /> : null}
    </>
  );
}

interface WebhookChangeProps extends WebhookProps {
  readonly onClose: () => void;
}

function RotateDialog({ webhook, onClose }: WebhookChangeProps) {
  const { t } = useTranslation('webhooks');
  const api = useApi();
  const queryClient = useQueryClient();
  const [rotated, setRotated] = useState<ResponseOf<typeof rotateWebhookSecret>>();
  if (rotated !== undefined) {
    return (
      <SecretDialog
        title={t('secret.title', { name: webhook.name })}
        text={t('secret.rotatedText')}
        value={rotated.secret}
        what={t('secret.what')}
        onClose={onClose}
      />
    );
  }
  return (
    <ConfirmDialog
      title={t('rotate.title', { name: webhook.name })}
      confirmText={t('action.rotate')}
      onConfirm={async () => {
        setRotated(await api.call(rotateWebhookSecret, { params: { webhookId: webhook.id } }));
        await queryClient.invalidateQueries({ queryKey: webhooksKey });
      }}
      onClose={onClose}
    >
      {t('rotate.text')}
    </ConfirmDialog>
  );
}

interface SkipDialogProps extends WebhookChangeProps {
  readonly onSkip: () => Promise<void>;
}

function SkipDialog({ webhook, onSkip, onClose }: SkipDialogProps) {
  const { t } = useTranslation('webhooks');
  const waiting = useWaitingText()(webhook);
  return (
    <ChangeDialog
      title={t('skip.title')}
      confirmText={t('skip.confirm')}
      change={onSkip}
      outdates={webhooksKey}
      onClose={onClose}
    >
      {t('skip.text', { waiting })}
    </ChangeDialog>
  );
}

function RemoveDialog({ webhook, onClose }: WebhookChangeProps) {
  const { t } = useTranslation('webhooks');
  const api = useApi();
  const navigate = useNavigate();
  const waiting = useWaitingText()(webhook);
  const remove = async (): Promise<void> => {
    await api.call(removeWebhook, { params: { webhookId: webhook.id } });
    await navigate({ to: '/administration/webhooks' });
  };
  return (
    <ChangeDialog
      title={t('remove.title', { name: webhook.name })}
      confirmText={t('action.remove')}
      change={remove}
      outdates={webhooksKey}
      doneText={t('remove.done', { name: webhook.name })}
      onClose={onClose}
    >
      {t('remove.text')} {webhook.waiting.value > 0 ? t('remove.waiting', { waiting }) : null}
    </ChangeDialog>
  );
}
