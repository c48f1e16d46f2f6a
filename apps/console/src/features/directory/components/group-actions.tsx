import type { Group } from '@holdfast/api';
import { ActionIcon, Menu } from '@mantine/core';
import {
  IconAntennaBars5,
  IconArrowMoveRight,
  IconDots,
  IconFolderPlus,
  IconPencil,
  IconTerminal2,
  IconTrash,
} from '../../../shared/icons/icons.ts';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { lateComponent } from '../../../shared/late/late-component.tsx';
import { usePermissionIn } from '../../../shared/groups/use-permission-in.ts';
import type { GroupActionsProps, GroupDialog } from './group-dialogs.tsx';

const GroupDialogs = lateComponent(() => import('./group-dialogs.tsx'), 'GroupDialogs');

/** What can be done with the chosen group. */
export function GroupActions({ group, groups, onSelect }: GroupActionsProps) {
  const { t } = useTranslation('directory');
  const openDialog = useDialogs();
  const mayEdit = usePermissionIn('directory:edit', group.id);
  const mayIssue = usePermissionIn('commands:issue', group.id);
  const [dialog, setDialog] = useState<GroupDialog>();
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
  readonly onOpen: (dialog: GroupDialog) => void;
}

function EditItems({ group, onOpen }: EditItemsProps) {
  const { t } = useTranslation('directory');
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
        {t('groups.communication')}
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
