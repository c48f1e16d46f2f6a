import { createGroup, type Group } from '@holdfast/api';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { FormDialog } from '../../../shared/dialogs/form-dialog.tsx';
import { groupPathText } from '../../../shared/groups/group-path.ts';
import { planNewGroups } from '../../../shared/groups/new-groups.ts';
import { useDirectoryRefresh } from '../use-restore.ts';

export interface CreateGroupDialogProps {
  readonly below: Group;
  readonly groups: readonly Group[];
  readonly onCreated: (group: Group) => void;
  readonly onClose: () => void;
}

/** A new group, or several one in the other where a path is typed. */
export function CreateGroupDialog({ below, groups, onCreated, onClose }: CreateGroupDialogProps) {
  const { t } = useTranslation(['directory', 'common']);
  const api = useApi();
  const refresh = useDirectoryRefresh();
  const [path, setPath] = useState('');
  const plan = planNewGroups(groups, below, path);
  const isPath = path.includes('/');
  const isThere = isPath && plan.names.length === 0 && plan.parent !== below;

  const submit = async (): Promise<void> => {
    let group = plan.parent;
    try {
      for (const name of plan.names) {
        group = await api.call(createGroup, { body: { parentId: group.id, name } });
      }
    } finally {
      // What was created before a refusal is there.
      refresh();
    }
    onCreated(group);
  };

  return (
    <FormDialog
      title={t('groups.createTitle', { name: below.name })}
      submitText={t('common:action.create')}
      isReady={plan.names.length > 0}
      size="sm"
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={t('groups.name')}
        description={
          isPath && plan.names.length > 0
            ? t('groups.createPath', {
                count: plan.names.length,
                names: plan.names.join(' / '),
                parent: groupPathText(plan.parent),
              })
            : undefined
        }
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        error={isThere ? t('groups.isThere', { path: groupPathText(plan.parent) }) : undefined}
        value={path}
        maxLength={512}
        data-autofocus
        onChange={(event) => setPath(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
