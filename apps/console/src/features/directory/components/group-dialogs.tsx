import { type Group, moveGroup, planGroupMove, renameGroup } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { subtreeIds } from '../../../shared/groups/group-tree.ts';
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

export type GroupDialog = 'create' | 'rename' | 'move' | 'remove';

interface GroupDialogsProps extends GroupActionsProps {
  readonly dialog: GroupDialog;
  readonly onClose: () => void;
}

/** The dialogs behind the actions of a group, loaded when one is first opened. */
export function GroupDialogs({ dialog, group, groups, onSelect, onClose }: GroupDialogsProps) {
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
