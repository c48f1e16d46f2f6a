import type { DeviceFilter } from '@holdfast/api';
import { createContext, useContext } from 'react';

/** For whom a command is meant, as the page where it was asked for knows it. */
export type CommandAim =
  | { readonly kind: 'devices'; readonly deviceIds: readonly string[]; readonly name: string | undefined }
  /** A group with its subgroups; the dialog lets one choose another, or narrow it. */
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'filter'; readonly filter: DeviceFilter };

/** Dialogs that any page may ask for, though another feature owns them. */
export type DialogRequest =
  | {
      readonly kind: 'issue-command';
      readonly aim: CommandAim | undefined;
      readonly type?: string | undefined;
      /** With what a command of that type was given before. */
      readonly parameters?: Readonly<Record<string, unknown>> | undefined;
    }
  | { readonly kind: 'create-token'; readonly groupId?: string | undefined }
  | { readonly kind: 'change-password' }
  | { readonly kind: 'shortcuts' };

export const DialogContext = createContext<(request: DialogRequest) => void>(() => undefined);

export function useDialogs(): (request: DialogRequest) => void {
  return useContext(DialogContext);
}
