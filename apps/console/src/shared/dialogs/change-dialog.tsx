import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useNotify } from '../notify/use-notify.tsx';
import { ConfirmDialog } from './confirm-dialog.tsx';

export interface ChangeDialogProps {
  readonly title: string;
  /** What will happen, and to how many. */
  readonly children: ReactNode;
  readonly confirmText: string;
  readonly change: () => Promise<unknown>;
  /** Lists that the change makes old: they are read anew before the dialog closes. */
  readonly outdates?: QueryKey;
  /** Said once it is done; absent where the page itself shows it. */
  readonly doneText?: string | undefined;
  readonly onClose: () => void;
}

/** Asks before something is taken away from a list, does it, and says so. What the server refuses stays in the dialog. */
export function ChangeDialog(props: ChangeDialogProps) {
  const notify = useNotify();
  const queryClient = useQueryClient();
  const { change, outdates, doneText, onClose } = props;
  return (
    <ConfirmDialog
      title={props.title}
      confirmText={props.confirmText}
      isDangerous
      onConfirm={async () => {
        await change();
        if (outdates !== undefined) await queryClient.invalidateQueries({ queryKey: outdates });
        onClose();
        if (doneText !== undefined) notify.success(doneText);
      }}
      onClose={onClose}
    >
      {props.children}
    </ConfirmDialog>
  );
}
