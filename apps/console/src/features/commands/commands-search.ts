import { type CommandState, commandStates } from '@holdfast/api';
import { findPeriod, type Period } from '../../shared/filters/period.ts';

export const commandProgresses = ['in-progress', 'finished', 'with-failures'] as const;
export type CommandProgress = (typeof commandProgresses)[number];

/** What the address says about Command Tracking. */
export interface CommandsSearch {
  readonly progress?: CommandProgress;
  readonly type?: string;
  /** At least one device is in this state. */
  readonly state?: CommandState;
  /** Whole name of who issued it. */
  readonly by?: string;
  readonly period?: Period;
}

export function parseCommandsSearch(search: Record<string, unknown>): CommandsSearch {
  const progress = commandProgresses.find((value) => value === search['progress']);
  const state = commandStates.find((value) => value === search['state']);
  const period = findPeriod(search['period']);
  const { type, by } = search;
  return {
    ...(progress === undefined ? {} : { progress }),
    ...(typeof type === 'string' && /^[a-z][a-z0-9-]{0,63}$/.test(type) ? { type } : {}),
    ...(state === undefined ? {} : { state }),
    ...(typeof by === 'string' && by !== '' ? { by: by.slice(0, 300) } : {}),
    ...(period === undefined ? {} : { period }),
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
