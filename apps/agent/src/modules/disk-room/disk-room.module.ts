import type { AgentModule, ModuleNeeds } from '../agent-module.ts';

/** Looks after the disk of the state with each heartbeat, and says in it when that disk is full. */
export const diskRoomModule = {
  name: 'disk-room',
  create: ({ diskRoom }: Pick<ModuleNeeds, 'diskRoom'>) => ({
    start: () => diskRoom.look(),
    heartbeat: () => {
      diskRoom.look();
      return { troubles: diskRoom.fullSince() === undefined ? [] : ['disk-full'] };
    },
  }),
} satisfies AgentModule;
