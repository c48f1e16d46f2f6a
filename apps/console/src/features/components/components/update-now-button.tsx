import { Button } from '@mantine/core';
import { IconRefresh } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';
import { usePermission } from '../../../shared/session/session-context.ts';

export interface UpdateNowButtonProps {
  /** That one alone; absent: all that devices have. */
  readonly componentId?: string;
}

/** Has devices update at once: for everybody to begin with, and the dialog lets one choose a group. */
export function UpdateNowButton({ componentId }: UpdateNowButtonProps) {
  const { t } = useTranslation('components');
  const showDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const top = useQuery(groupsQuery(useApi())).data?.find(({ parentId }) => parentId === null);
  if (!mayIssue) return null;
  return (
    <Button
      leftSection={<IconRefresh size={16} />}
      onClick={() =>
        showDialog({
          kind: 'issue-command',
          aim: top === undefined ? undefined : { kind: 'group', groupId: top.id },
          type: 'update-now',
          parameters: componentId === undefined ? {} : { components: componentId },
        })
      }
    >
      {t('updateNow')}
    </Button>
  );
}
