import { fitnessPerClass } from './election/election-order.ts';
import { pinnedClass } from './election/election-timing.ts';

/** What counts of a computer and its way into a segment. */
export interface FitnessFacts {
  /** False: it runs on a battery. */
  readonly isOnMains: boolean;
  /** A cable, as opposed to radio. */
  readonly isWired: boolean;
  /** Its way to the Internet costs by the byte. */
  readonly isMetered: boolean;
  /** Its way out leads through a tunnel, so that "the LAN" may be far away. */
  readonly isOnVpn: boolean;
  readonly freeDiskBytes: number;
  readonly uptimeS: number;
  /** Load of the last minute for each processor; 1: all are busy. */
  readonly loadPerCore: number;
  /** The server has answered lately: without it nothing new can be fetched. */
  readonly isServerReached: boolean;
}

export interface FitnessPolicy {
  readonly isOptedOut: boolean;
  readonly isPinned: boolean;
}

/** Why a computer is not to be elected. */
export const FitnessObstacle = {
  optedOut: 'opted-out',
  battery: 'battery',
  metered: 'metered',
  vpn: 'vpn',
  disk: 'disk',
} as const;
export type FitnessObstacle = (typeof FitnessObstacle)[keyof typeof FitnessObstacle];

export interface Fitness {
  /** 0 with an obstacle. */
  readonly fitness: number;
  readonly obstacle: FitnessObstacle | undefined;
}

const GIBIBYTE = 2 ** 30;
/** Less than this free, and the computer needs it for itself. */
const MIN_FREE_DISK_BYTES = 2 * GIBIBYTE;
const DAY_S = 86_400;
/** Disk, uptime and load: together less than a class. */
const MAX_POINTS = 60;

/** How well a computer would do as Active Agent: points of which docs/active-agent.md has the table. A pin outweighs all of them, and no obstacle. */
export function assessFitness(facts: FitnessFacts, policy: FitnessPolicy): Fitness {
  const obstacle = findObstacle(facts, policy);
  if (obstacle !== undefined) return { fitness: 0, obstacle };
  const classes =
    (facts.isWired ? 1 : 0) + (facts.isServerReached ? 1 : 0) + (policy.isPinned ? pinnedClass : 0);
  const disk = (Math.log2(facts.freeDiskBytes / MIN_FREE_DISK_BYTES) / 5) * MAX_POINTS;
  const uptime = (Math.log2(1 + facts.uptimeS / DAY_S) / 3) * MAX_POINTS;
  const load = (1 - facts.loadPerCore) * MAX_POINTS;
  const points = [disk, uptime, load].reduce((sum, value) => sum + bound(value), 0);
  return { fitness: classes * fitnessPerClass + 1 + points, obstacle: undefined };
}

function findObstacle(facts: FitnessFacts, { isOptedOut }: FitnessPolicy): FitnessObstacle | undefined {
  if (isOptedOut) return FitnessObstacle.optedOut;
  if (!facts.isOnMains) return FitnessObstacle.battery;
  if (facts.isMetered) return FitnessObstacle.metered;
  if (facts.isOnVpn) return FitnessObstacle.vpn;
  // Also when it is not known at all.
  if (!(facts.freeDiskBytes >= MIN_FREE_DISK_BYTES)) return FitnessObstacle.disk;
  return undefined;
}

function bound(points: number): number {
  return Number.isNaN(points) ? 0 : Math.round(Math.min(MAX_POINTS, Math.max(0, points)));
}
