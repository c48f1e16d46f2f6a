/** What lets an errand begin by itself. */
export const ErrandOccasion = {
  /** The agent starts. For errands that need no server. */
  start: 'start',
  /** A handshake succeeded. */
  handshake: 'handshake',
  /** The server said that commands wait, or could not say that none do. */
  commandsWait: 'commands-wait',
  /** Idle hours are over. */
  idleHoursEnd: 'idle-hours-end',
} as const;
export type ErrandOccasion = (typeof ErrandOccasion)[keyof typeof ErrandOccasion];

/** When an errand begins by itself, and what holds it. All of it is data, and the core decides with it. */
export interface ErrandPlan {
  /** Its own among all errands of the agent. */
  readonly name: string;
  /** Absent: it begins when it is wanted, and by its interval. */
  readonly occasions?: readonly ErrandOccasion[];
  /** Begins this long after it began last, with jitter; the first time after the start. */
  readonly everyMs?: number;
  /** Its interval waits until idle hours are over. What is wanted passes. */
  readonly isHeldInIdleHours?: boolean;
  /** False: it begins without a connection too. Absent: it waits for one. */
  readonly needsServer?: boolean;
  /** How long it is left alone after the server said no. Absent: as after any other failure, for growing times. */
  readonly afterRefusalMs?: number;
}

/** What the agent does besides its heartbeats, each at most once at a time. */
export interface Errand extends ErrandPlan {
  /** Done once more in the farewell, within its time. */
  readonly isPartOfFarewell?: boolean;
  /** Answers whether there is more of the same to do at once. */
  run(): Promise<{ readonly again: boolean }>;
}
