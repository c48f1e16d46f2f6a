import { type Group, moveGroup, planGroupMove, renameGroup } from '@holdfast/api';
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconAntennaBars5,
  IconArrowMoveRight,
  IconDots,
  IconFolderPlus,
  IconPencil,
  IconTerminal2,
  IconTrash,
} from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { subtreeIds } from '../../../shared/groups/group-tree.ts';
import { usePermissionIn } from '../../../shared/groups/use-permission-in.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { useDirectoryRefresh, useRestore } from '../use-restore.ts';
import { CreateGroupDialog } from './create-group-dialog.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { NameDialog } from './name-dialog.tsx';
import { RemovalDialog } from './removal-dialog.tsx';

export interface GroupActionsProps {
  readonly group: Group;
  readonly groups: readonly Group[];
  readonly onSelect: (groupId: string | undefined) => void;
}

type OpenDialog = 'create' | 'rename' | 'move' | 'remove';

/** What can be done with the chosen group. */
export function GroupActions({ group, groups, onSelect }: GroupActionsProps) {
  const { t } = useTranslation('directory');
  const openDialog = useDialogs();
  const mayEdit = usePermissionIn('directory:edit', group.id);
  const mayIssue = usePermissionIn('commands:issue', group.id);
  const [dialog, setDialog] = useState<OpenDialog>();
  const close = (): void => setDialog(undefined);
  if (!mayEdit && !mayIssue) return null;
  return (
    <>
      <Menu position="bottom-start">
        <Menu.Target>
          <ActionIcon aria-label={t('groups.actions', { name: group.name })}>
            <IconDots size={18} stroke={1.75} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayIssue ? (
            <Menu.Item
              leftSection={<IconTerminal2 size={16} stroke={1.75} />}
              onClick={() => openDialog({ kind: 'issue-command', aim: { kind: 'group', groupId: group.id } })}
            >
              {t('groups.command')}
            </Menu.Item>
          ) : null}
          {mayEdit ? <EditItems group={group} onOpen={setDialog} /> : null}
        </Menu.Dropdown>
      </Menu>
      {dialog === undefined ? null : (
        <GroupDialogs dialog={dialog} group={group} groups={groups} onSelect={onSelect} onClose={close} />
      )}
    </>
  );
}

interface EditItemsProps {
  readonly group: Group;
  readonly onOpen: (dialog: OpenDialog) => void;
}

function EditItems({ group, onOpen }: EditItemsProps) {
  const { t } = useTranslation(['directory', 'communication']);
  const navigate = useNavigate();
  return (
    <>
      <Menu.Item leftSection={<IconFolderPlus size={16} stroke={1.75} />} onClick={() => onOpen('create')}>
        {t('groups.create')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconPencil size={16} stroke={1.75} />}
        disabled={group.isFixed}
        title={group.isFixed ? t('groups.fixed') : undefined}
        onClick={() => onOpen('rename')}
      >
        {t('groups.rename')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconArrowMoveRight size={16} stroke={1.75} />}
        disabled={group.isFixed}
        title={group.isFixed ? t('groups.fixed') : undefined}
        onClick={() => onOpen('move')}
      >
        {t('groups.move')}
      </Menu.Item>
      <Menu.Item
        leftSection={<IconAntennaBars5 size={16} stroke={1.75} />}
        onClick={() => void navigate({ to: '/groups/$groupId/communication', params: { groupId: group.id } })}
      >
        {t('communication:open')}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        c="var(--hf-failed)"
        leftSection={<IconTrash size={16} stroke={1.75} />}
        disabled={group.isFixed}
        title={group.isFixed ? t('groups.fixed') : undefined}
        onClick={() => onOpen('remove')}
      >
        {t('groups.remove')}
      </Menu.Item>
    </>
  );
}

interface GroupDialogsProps extends GroupActionsProps {
  readonly dialog: OpenDialog;
  readonly onClose: () => void;
}

function GroupDialogs({ dialog, group, groups, onSelect, onClose }: GroupDialogsProps) {
  const { t } = useTranslation(['directory', 'common']);
  const api = useApi();
  const notify = useNotify();
  const restore = useRestore();
  const refresh = useDirectoryRefresh();
  const params = { groupId: group.id };

  const rename = async (name: string): Promise<void> => {
    const renamed = await api.call(renameGroup, { params, body: { name, revision: group.revision } });
    const undo = async (): Promise<void> => {
      await api.call(renameGroup, { params, body: { name: group.name, revision: renamed.revision } });
      refresh();
    };
    refresh();
    onClose();
    notify.success(t('groups.renamed', { name }), () => void undo().catch(notify.error));
  };
  const move = async (parentId: string, planToken: string): Promise<void> => {
    await api.call(moveGroup, { params, body: { parentId, planToken } });
    const { parentId: formerId } = group;
    const undo = async (): Promise<void> => {
      if (formerId === null) return;
      const plan = await api.call(planGroupMove, { params, body: { parentId: formerId } });
      await api.call(moveGroup, { params, body: { parentId: formerId, planToken: plan.planToken } });
      refresh();
      notify.success(t('move.movedBack'));
    };
    refresh();
    onClose();
    notify.success(t('groups.moved', { name: group.name }), () => void undo().catch(notify.error));
  };

  switch (dialog) {
    case 'create':
      return (
        <CreateGroupDialog
          below={group}
          groups={groups}
          onCreated={({ id, name }) => {
            onClose();
            onSelect(id);
            notify.success(t('groups.created', { name }));
          }}
          onClose={onClose}
        />
      );
    case 'rename':
      return (
        <NameDialog
          title={t('groups.renameTitle', { name: group.name })}
          label={t('groups.name')}
          initial={group.name}
          submitText={t('groups.rename')}
          onSubmit={rename}
          onClose={onClose}
        />
      );
    case 'move':
      return (
        <MoveDialog
          title={t('groups.moveTitle', { name: group.name })}
          submitText={t('plan.move')}
          excludedIds={
            new Set([...subtreeIds(groups, group.id), ...(group.parentId === null ? [] : [group.parentId])])
          }
          planKey={['group', group.id]}
          onPlan={(parentId) => api.call(planGroupMove, { params, body: { parentId } })}
          onMove={move}
          onClose={onClose}
        />
      );
    case 'remove':
      return (
        <RemovalDialog
          groupId={group.id}
          name={group.name}
          onRemoved={(item) => {
            refresh();
            onClose();
            onSelect(group.parentId ?? undefined);
            notify.success(t('groups.removed', { name: group.name }), () =>
              restore.mutate({ itemId: item.id, name: group.name }),
            );
          }}
          onClose={onClose}
        />
      );
  }
}
