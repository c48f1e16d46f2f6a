import { type ReactNode, useCallback, useState } from 'react';
import { DialogContext, type DialogRequest } from '../../shared/dialogs/dialog-request.ts';
import { lateComponent } from '../../shared/late/late-component.tsx';
import { PaletteContext } from './palette-context.ts';

const IssueCommandDialog = lateComponent(
  () => import('../../features/commands/components/issue-command-dialog.tsx'),
  'IssueCommandDialog',
);
const CreateTokenDialog = lateComponent(
  () => import('../../features/enrolment/components/create-token-dialog.tsx'),
  'CreateTokenDialog',
);
const ChangePasswordDialog = lateComponent(
  () => import('../../features/access/components/change-password-dialog.tsx'),
  'ChangePasswordDialog',
);
const ShortcutsDialog = lateComponent(() => import('./shortcuts-dialog.tsx'), 'ShortcutsDialog');
const Palette = lateComponent(() => import('./palette.tsx'), 'Palette');

export interface DialogHostProps {
  readonly children: ReactNode;
}

/** Shows the dialogs that any page may ask for, one at a time, each loaded when it is first needed. */
export function DialogHost({ children }: DialogHostProps) {
  const [request, setRequest] = useState<DialogRequest>();
  const [isPaletteOpen, setPaletteOpen] = useState(false);
  const openPalette = useCallback(() => setPaletteOpen(true), []);
  const close = (): void => setRequest(undefined);
  return (
    <DialogContext value={setRequest}>
      <PaletteContext value={openPalette}>
        {children}
        {request?.kind === 'issue-command' ? (
          <IssueCommandDialog
            aim={request.aim}
            type={request.type}
            parameters={request.parameters}
            onClose={close}
          />
        ) : null}
        {request?.kind === 'create-token' ? (
          <CreateTokenDialog groupId={request.groupId} onClose={close} />
        ) : null}
        {request?.kind === 'change-password' ? <ChangePasswordDialog onClose={close} /> : null}
        {request?.kind === 'shortcuts' ? <ShortcutsDialog onClose={close} /> : null}
        {isPaletteOpen ? <Palette onClose={() => setPaletteOpen(false)} /> : null}
      </PaletteContext>
    </DialogContext>
  );
}
