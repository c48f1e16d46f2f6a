import type { Computer } from '../modules/agent-module.ts';
import type { PowerAction, PowerObstacle } from '../modules/shutdown/index.ts';
import type { SignIn } from '../modules/sign-ins/index.ts';
import type { ShownMessage, UserMessage } from '../modules/user-messages/index.ts';

/** A computer that goes down and up only in the test, has no programs but those that the test gives it, and one person at it. */
export interface FakeComputer extends Computer {
  readonly orders: readonly PowerAction[];
  readonly messages: readonly UserMessage[];
  bootId: string | undefined;
  obstacle: PowerObstacle | undefined;
  takesOrders: boolean;
  users: readonly ShownMessage[];
  signedIn: readonly SignIn[];
  /** What each program prints; one that is not there is not installed. */
  readonly programs: Map<string, string>;
  /** What was run, as one line each. */
  readonly runs: readonly string[];
  /** What is to be shown never is. */
  hangs: boolean;
}

export function createFakeComputer(): FakeComputer {
  const orders: PowerAction[] = [];
  const messages: UserMessage[] = [];
  const runs: string[] = [];
  const computer: FakeComputer = {
    orders,
    messages,
    bootId: 'boot-1',
    obstacle: undefined,
    takesOrders: true,
    hangs: false,
    users: [{ name: 'ada', ways: ['terminal'] }],
    signedIn: [{ userName: 'ada', userId: 1000, isDesktop: true, isRemote: false }],
    programs: new Map(),
    runs,
    run: async (file, args) => {
      runs.push([file, ...args].join(' '));
      return computer.programs.get(file);
    },
    runToEnd: async (file, args) => {
      runs.push([file, ...args].join(' '));
      const output = computer.programs.get(file);
      return { status: output === undefined ? undefined : 0, output: output ?? '' };
    },
    signIns: { list: async () => computer.signedIn },
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
