/**
 * Lets the computer restart or shut down, after a delay that is announced to whoever is signed in and can be called off until its
 * last moment. Promises that no crash of the agent restarts a computer twice, and that a restart is reported by the process
 * after it, which knows. Only main.ts makes the switch that really does it; nothing else in this program can.
 */
export type { PowerAction, PowerObstacle, PowerSwitch } from './power-switch.ts';
export { createSystemPowerSwitch } from './system-power-switch.ts';
