import type { Command, CommandTarget } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { usePermission } from '../../../shared/session/session-context.ts';

export interface AgainButtonProps {
  readonly command: Command;
  /** The only one. */
  readonly target: CommandTarget;
}

/** Offers the form of a command that succeeded at its only device once more, filled with what it was given. */
export function AgainButton({ command, target }: AgainButtonProps) {
  const { t } = useTranslation('commands');
  const openDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const { deviceId, deviceName, state } = target;
  if (!mayIssue || deviceId === null || state !== 'succeeded') return null;
  return (
    <Button
      variant="default"
      onClick={() =>
        openDialog({
          kind: 'issue-command',
          aim: { kind: 'devices', deviceIds: [deviceId], name: deviceName },
          type: command.type,
          parameters: command.parameters,
        })
      }
    >
      {t('again')}
    </Button>
  );
}
