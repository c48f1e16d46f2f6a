/** Everything that is counted while a fleet runs; each only grows. */
export interface FleetCounts {
  registered: number;
  handshakes: number;
  /** Heartbeats with a sequence of their own. */
  heartbeats: number;
  /** The same heartbeat once more by UDP. */
  heartbeatsRepeated: number;
  /** Heartbeats that travelled by HTTPS, alone or beside plain UDP. */
  heartbeatsByHttps: number;
  acknowledged: number;
  datagramsSent: number;
  datagramsReceived: number;
  /** Received, and not proven or not asked for. */
  datagramsIgnored: number;
  /** By the plan of faults. */
  datagramsLost: number;
  datagramsDuplicated: number;
  datagramsHeldBack: number;
  notifications: number;
  commandsBegun: number;
  /** Delivered again after they were begun; they are reported again and not begun. */
  commandsAgain: number;
  commandsReported: number;
  restarts: number;
  clockJumps: number;
}

export function createFleetCounts(): FleetCounts {
  return {
    registered: 0,
    handshakes: 0,
    heartbeats: 0,
    heartbeatsRepeated: 0,
    heartbeatsByHttps: 0,
    acknowledged: 0,
    datagramsSent: 0,
    datagramsReceived: 0,
    datagramsIgnored: 0,
    datagramsLost: 0,
    datagramsDuplicated: 0,
    datagramsHeldBack: 0,
    notifications: 0,
    commandsBegun: 0,
    commandsAgain: 0,
    commandsReported: 0,
    restarts: 0,
    clockJumps: 0,
  };
}
