/**
 * Settings that groups inherit, of whatever kind: named fields, each with a schema, what a group says of them, and locks. Promises that of
 * each field the topmost lock decides, else the nearest group that says something, else a fallback; that a change of a group concerns
 * no group outside of it; and that what a lock overrides is kept and counts again without it. What a kind is about, and whether its
 * values go together, is known to the module that defines it.
 */
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { groupSettingsErrorStatus } from './group-settings.errors.ts';
import { groupSettingsEvents } from './group-settings.events.ts';
import { GroupSettings, type GroupSettingsNeeds } from './group-settings.service.ts';
import './group-settings.tables.ts';
import type { Platform } from '../../platform/platform.ts';

export type {
  GroupSettings,
  GroupSettingsPlatform,
  ReadGroupSettings,
  SettingsChange,
} from './group-settings.service.ts';
export { type GroupSayings, inherit, type SayingsByGroup } from './inheritance.ts';
export { defineGroupSettings } from './settings-definition.ts';

/** Called once, before settings of any kind are created. */
export function createGroupSettingsModule({
  platform,
}: {
  readonly platform: Pick<Platform, 'events'>;
}): void {
  registerErrorStatus(groupSettingsErrorStatus);
  platform.events.define(groupSettingsEvents);
}

/** The settings of one kind: the module that defines it reads and changes them by this. */
export function createGroupSettings<Values extends object>(
  needs: GroupSettingsNeeds<Values>,
): GroupSettings<Values> {
  return new GroupSettings(needs);
}
