import type { CurrentSession, Permission } from '@holdfast/api';
import { createContext, useContext } from 'react';

export const SessionContext = createContext<CurrentSession | undefined>(undefined);

export function useSession(): CurrentSession {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('useSession is only for pages behind sign-in');
  return session;
}

/** Hides what would be refused; the server decides. */
export function usePermission(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
