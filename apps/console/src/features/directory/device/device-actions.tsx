import { type DeviceDetails, removeDevice, renameDevice, setProductState } from '@holdfast/api';
import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconArrowMoveRight,
  IconDots,
  IconPencil,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefreshDot,
  IconTerminal2,
  IconTrash,
} from '../../../shared/icons/icons.ts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { usePermissionIn } from '../../../shared/groups/use-permission-in.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { MoveDevicesDialog } from '../components/move-devices-dialog.tsx';
import { NameDialog } from '../components/name-dialog.tsx';
import { useLeaveDevice } from '../use-leave-device.ts';
import { useDirectoryRefresh, useRestore } from '../use-restore.ts';

export interface DeviceActionsProps {
  readonly details: DeviceDetails;
}

type OpenDialog = 'rename' | 'move' | 'disable' | 'remove';

export function DeviceActions({ details }: DeviceActionsProps) {
  const { t } = useTranslation('device');
  const api = useApi();
  const notify = useNotify();
  const openDialog = useDialogs();
  const refresh = useDirectoryRefresh();
  const mayEdit = usePermissionIn('directory:edit', details.device.groupId);
  const mayIssue = usePermissionIn('commands:issue', details.device.groupId);
  const [dialog, setDialog] = useState<OpenDialog>();
  const { device } = details;
  const isDisabled = productOf(details)?.state === 'disabled';

  const enable = (): void => {
    api
      .call(setProductState, { params: { productNumber: device.productNumber }, body: { state: 'active' } })
      .then(() => {
        refresh();
        notify.success(t('enabled', { name: device.name }));
      }, notify.error);
  };

  const issue = (type: string | undefined): void =>
    openDialog({
      kind: 'issue-command',
      type,
      aim: { kind: 'devices', deviceIds: [device.id], name: device.name },
    });

  return (
    <>
      {mayIssue ? (
        <Button
          leftSection={<IconRefreshDot size={16} stroke={1.75} />}
          onClick={() => issue('collect-inventory')}
        >
          {t('collect')}
        </Button>
      ) : null}
      {mayEdit || mayIssue ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon size={32} variant="default" aria-label={t('actions', { name: device.name })}>
              <IconDots size={18} stroke={1.75} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {mayIssue ? (
              <Menu.Item
                leftSection={<IconTerminal2 size={16} stroke={1.75} />}
                onClick={() => issue(undefined)}
              >
                {t('issueOther')}
              </Menu.Item>
            ) : null}
            {mayEdit ? <EditItems isDisabled={isDisabled} onEnable={enable} onOpen={setDialog} /> : null}
          </Menu.Dropdown>
        </Menu>
      ) : null}
      {dialog === undefined ? null : (
        <DeviceDialogs details={details} dialog={dialog} onClose={() => setDialog(undefined)} />
      )}
    </>
  );
}

interface EditItemsProps {
  readonly isDisabled: boolean;
  readonly onEnable: () => void;
  readonly onOpen: (dialog: OpenDialog) => void;
}

function EditItems({ isDisabled, onEnable, onOpen }: EditItemsProps) {
  const { t } = useTranslation('device');
  return (
    <>
      <Menu.Item leftSection={<IconPencil size={16} stroke={1.75} />} onClick={() => onOpen('rename')}>
        {t('rename')}
      </Menu.Item>
      <Menu.Item leftSection={<IconArrowMoveRight size={16} stroke={1.75} />} onClick={() => onOpen('move')}>
        {t('move')}
      </Menu.Item>
      {isDisabled ? (
        <Menu.Item leftSection={<IconPlayerPlay size={16} stroke={1.75} />} onClick={onEnable}>
          {t('enable')}
        </Menu.Item>
      ) : (
        <Menu.Item leftSection={<IconPlayerStop size={16} stroke={1.75} />} onClick={() => onOpen('disable')}>
          {t('disable')}
        </Menu.Item>
      )}
      <Menu.Divider />
      <Menu.Item
        c="var(--hf-failed)"
        leftSection={<IconTrash size={16} stroke={1.75} />}
        onClick={() => onOpen('remove')}
      >
        {t('remove')}
      </Menu.Item>
    </>
  );
}

function productOf(details: DeviceDetails) {
  return details.products.find((product) => product.productNumber === details.device.productNumber);
}

interface DeviceDialogsProps {
  readonly details: DeviceDetails;
  readonly dialog: OpenDialog;
  readonly onClose: () => void;
}

function DeviceDialogs({ details, dialog, onClose }: DeviceDialogsProps) {
  const { t } = useTranslation('device');
  const api = useApi();
  const notify = useNotify();
  const leave = useLeaveDevice();
  const refresh = useDirectoryRefresh();
  const restore = useRestore();
  const { device } = details;
  const params = { deviceId: device.id };
  const reportedName = details.inventory?.facts.hostName;

  const rename = async (name: string): Promise<void> => {
    // The device's own name is given back as "none of its own", so that it follows the device again.
    await api.call(renameDevice, { params, body: { name: name === reportedName ? null : name } });
    const undo = async (): Promise<void> => {
      await api.call(renameDevice, {
        params,
        body: { name: device.name === reportedName ? null : device.name },
      });
      refresh();
    };
    refresh();
    onClose();
    notify.success(t('renamed', { name }), () => void undo().catch(notify.error));
  };

  switch (dialog) {
    case 'rename':
      return (
        <NameDialog
          title={t('renameTitle', { name: device.name })}
          label={t('renameLabel')}
          description={
            reportedName === undefined ? t('renameHelpPlain') : t('renameHelp', { name: reportedName })
          }
          initial={device.name}
          submitText={t('rename')}
          onSubmit={rename}
          onClose={onClose}
        />
      );
    case 'move':
      return (
        <MoveDevicesDialog
          devices={[{ id: device.id, groupId: device.groupId }]}
          name={device.name}
          onMoved={onClose}
          onClose={onClose}
        />
      );
    case 'disable':
      return (
        <ConfirmDialog
          title={t('disableTitle', { name: device.name })}
          confirmText={t('disable')}
          isDangerous
          onConfirm={async () => {
            await api.call(setProductState, {
              params: { productNumber: device.productNumber },
              body: { state: 'disabled' },
            });
            refresh();
            onClose();
            notify.success(t('disabled', { name: device.name }));
          }}
          onClose={onClose}
        >
          {t('disableText')}
        </ConfirmDialog>
      );
    case 'remove':
      return (
        <ConfirmDialog
          title={t('removeTitle', { name: device.name })}
          confirmText={t('remove')}
          isDangerous
          onConfirm={async () => {
            const item = await api.call(removeDevice, { params });
            onClose();
            await leave();
            refresh();
            notify.success(t('removed', { name: device.name }), () =>
              restore.mutate({ itemId: item.id, name: device.name }),
            );
          }}
          onClose={onClose}
        >
          {t('removeText')}
        </ConfirmDialog>
      );
  }
}
