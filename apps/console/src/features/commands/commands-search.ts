import { type CommandState, commandStates } from '@holdfast/api';

export const commandProgresses = ['in-progress', 'finished', 'with-failures'] as const;
export type CommandProgress = (typeof commandProgresses)[number];

/** What the address says about Command Tracking. */
export interface CommandsSearch {
  readonly progress?: CommandProgress;
  readonly type?: string;
}

export function parseCommandsSearch(search: Record<string, unknown>): CommandsSearch {
  const progress = commandProgresses.find((value) => value === search['progress']);
  const type = search['type'];
  return {
    ...(progress === undefined ? {} : { progress }),
    ...(typeof type === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(type) ? { type } : {}),
  };
}

/** What the address says about one command: which targets are listed, and which one is open beside the list. */
export interface CommandSearch {
  readonly state?: CommandState;
  readonly target?: string;
}

export function parseCommandSearch(search: Record<string, unknown>): CommandSearch {
  const state = commandStates.find((value) => value === search['state']);
  const target = search['target'];
  return {
    ...(state === undefined ? {} : { state }),
    ...(typeof target === 'string' && /^[0-9a-f-]{36}$/.test(target) ? { target } : {}),
  };
}
