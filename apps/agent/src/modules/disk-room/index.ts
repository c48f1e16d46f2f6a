/**
 * Whether the disk has room for what the agent keeps. Promises that a full one is said once, on the device and to the server, that
 * the agent stays online with it, and that all is as before when there is room again. Frees nothing itself.
 */
export { createDiskRoom, type DiskRoom, readDiskFullSince } from './disk-room.ts';
