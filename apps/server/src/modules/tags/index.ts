/**
 * Tags: short names that mark devices, for filters and for people. Promises that a name is one tag whatever its capitals,
 * that the limits hold however many change at once, that a change is carried out on all devices that are meant or on
 * none, and that it can be taken back for a day. The directory reads tags for its lists and filters; it writes none.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import { DeviceTagService } from './device-tags.service.ts';
import { tagErrorStatus } from './tags.errors.ts';
import { tagEvents } from './tags.events.ts';
import { registerTagRoutes } from './tags.routes.ts';
import { type TagPlatform, TagService, UNDO_MS } from './tags.service.ts';
import { forgetOld } from './tags.store.ts';
import './tags.tables.ts';

export interface TagsDependencies {
  readonly platform: TagPlatform & Pick<Platform, 'events' | 'jobs' | 'registerRoute'>;
  readonly directory: DirectoryModule;
}

export function createTagsModule({ platform, directory }: TagsDependencies): void {
  const { database } = platform;
  registerErrorStatus(tagErrorStatus);
  platform.events.define(tagEvents);
  const tags = new TagService({ platform });
  registerTagRoutes(platform.registerRoute, {
    tags,
    deviceTags: new DeviceTagService({ platform, directory, tags }),
  });
  platform.jobs.registerPruning({
    what: 'removed tags and changes of tags',
    prune: async (now) => await forgetOld(database, new Date(now.getTime() - UNDO_MS)),
  });
}
