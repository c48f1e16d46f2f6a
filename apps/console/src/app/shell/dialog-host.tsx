import { lazy, type ReactNode, Suspense, useCallback, useState } from 'react';
import { DialogContext, type DialogRequest } from '../../shared/dialogs/dialog-request.ts';
import { PaletteContext } from './palette-context.ts';

const IssueCommandDialog = lazy(async () => ({
  default: (await import('../../features/commands/components/issue-command-dialog.tsx')).IssueCommandDialog,
}));
const CreateTokenDialog = lazy(async () => ({
  default: (await import('../../features/enrolment/components/create-token-dialog.tsx')).CreateTokenDialog,
}));
const ChangePasswordDialog = lazy(async () => ({
  default: (await import('../../features/access/components/change-password-dialog.tsx')).ChangePasswordDialog,
}));
const ShortcutsDialog = lazy(async () => ({
  default: (await import('./shortcuts-dialog.tsx')).ShortcutsDialog,
}));
const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));

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
        <Suspense>
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
        </Suspense>
      </PaletteContext>
    </DialogContext>
  );
}
