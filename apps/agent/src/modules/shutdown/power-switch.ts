/** What a computer can be made to do. */
export type PowerAction = 'restart' | 'shut-down';

/** Why this agent cannot do it. */
export type PowerObstacle =
  /** It runs as an ordinary user. */
  | 'no-right'
  /** It runs in a container, which is not the computer. */
  | 'in-container'
  /** The system does not say since when it runs, so nobody could tell whether it went down. */
  | 'unknown-system';

/** The system, as far as it can be made to go down. The real one is made by main.ts alone. */
export interface PowerSwitch {
  /** Another one after each start of the system; `undefined` where it does not say. */
  readBootId(): Promise<string | undefined>;
  findObstacle(): Promise<PowerObstacle | undefined>;
  /** Has the system go down at once. Answers false when it does not take the order. */
  goDown(action: PowerAction): Promise<boolean>;
}
