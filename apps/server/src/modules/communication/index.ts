/**
 * How the devices of a group communicate: interval, timeout, working and idle hours, mode, transport, listener. Promises that
 * each value comes from the topmost group that locks it, else from the nearest group that says something, else from the settings of the server, that no
 * change of a group leaves it or a group below with an offline timeout below three intervals, and that presence follows within seconds of a change of values or of the
 * tree. It does not decide who is alive (`presence`), nor call anybody (`notification`).
 */
import type { EffectiveCommunication } from '@holdfast/api';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { type DirectoryModule, placeEvents } from '../directory/index.ts';
import type { SettingsModule } from '../settings/index.ts';
import { createCommunicationSettings } from './communication-settings.ts';
import { communicationErrorStatus } from './communication.errors.ts';
import { registerCommunicationRoutes } from './communication.routes.ts';
import { type CommunicationPlatform, CommunicationService } from './communication.service.ts';
import { ProfileAssignments, type ProfileTarget } from './profile-assignment.service.ts';

export type { ProfileAssignment, ProfileTarget } from './profile-assignment.service.ts';

export interface CommunicationModule {
  /** Gives every product its profile; then follows. Before products are answered. */
  start(): Promise<void>;
  /** What holds for a product at this place; presence goes by it from now on. @param path ids, top group first */
  assign(productNumber: number, path: readonly string[]): EffectiveCommunication;
  effectiveAt(path: readonly string[]): EffectiveCommunication;
}

const FOLLOW_INTERVAL_MS = 500;
/** Other processes change groups and settings too, and say so to nobody here. */
const LOOK_INTERVAL_MS = 15_000;

export function createCommunicationModule(needs: {
  readonly platform: CommunicationPlatform;
  readonly directory: DirectoryModule;
  readonly settings: SettingsModule;
  readonly target: ProfileTarget;
}): CommunicationModule {
  const { platform, directory, settings, target } = needs;
  const { database, clock, ticks, events } = platform;
  const groups = createCommunicationSettings({
    platform,
    directory,
    settings,
    onChange: () => assignments.markStale(),
  });
  const assignments = new ProfileAssignments({ database, clock, groups, target });
  registerErrorStatus(communicationErrorStatus);
  registerCommunicationRoutes(platform, new CommunicationService({ platform, groups }));
  return {
    async start() {
      await assignments.update();
      settings.onCommunicationChange(() => assignments.markStale());
      events.follow(placeEvents, () => assignments.markStale());
      ticks.every('communication.follow', FOLLOW_INTERVAL_MS, () => assignments.turn());
      ticks.every('communication.look', LOOK_INTERVAL_MS, () => assignments.look());
    },
    assign: (productNumber, path) => assignments.assign(productNumber, path),
    effectiveAt: (path) => assignments.effectiveAt(path),
  };
}
