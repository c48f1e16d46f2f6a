import type { PowerAction, PowerObstacle, PowerSwitch } from '../modules/shutdown/index.ts';
import type { ShownMessage, UserMessage, UserMessenger } from '../modules/user-messages/index.ts';

/** A computer that goes down and up only in the test, and one person at it. */
export interface FakeComputer {
  readonly power: PowerSwitch;
  readonly messenger: UserMessenger;
  readonly orders: readonly PowerAction[];
  readonly messages: readonly UserMessage[];
  bootId: string | undefined;
  obstacle: PowerObstacle | undefined;
  takesOrders: boolean;
  users: readonly ShownMessage[];
  /** What is to be shown never is. */
  hangs: boolean;
}

export function createFakeComputer(): FakeComputer {
  const orders: PowerAction[] = [];
  const messages: UserMessage[] = [];
  const computer: FakeComputer = {
    orders,
    messages,
    bootId: 'boot-1',
    obstacle: undefined,
    takesOrders: true,
    hangs: false,
    users: [{ name: 'ada', ways: ['terminal'] }],
    power: {
      readBootId: async () => computer.bootId,
      findObstacle: async () => computer.obstacle,
      goDown: async (action) => {
        orders.push(action);
        return computer.takesOrders;
      },
    },
    messenger: {
      show: async (message) => {
        messages.push(message);
        if (computer.hangs) await new Promise(() => {});
        return computer.users;
      },
    },
  };
  return computer;
}
