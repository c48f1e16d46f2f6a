import { describeStateFolder } from '../../platform/state-folder.ts';
import type { AgentModule, ModuleNeeds } from '../agent-module.ts';
import { createContactSocket } from './contact-socket.ts';

/** Answers `status` on this computer when the server was last heard, which is not written down while all is well. */
export const statusModule = {
  name: 'status',
  create: ({ home, connection, log }: Pick<ModuleNeeds, 'home' | 'connection' | 'log'>) => {
    const socket = createContactSocket({
      path: describeStateFolder(home).socketPath,
      read: () => connection.current,
      log,
    });
    return { start: () => socket.open(), stop: () => socket.close() };
  },
} satisfies AgentModule;
