import { type Static, Type } from 'typebox';
import { Uuid } from './scalars.ts';

/** The group that a value comes from; null: from the settings of the server, or from a group outside the caller's scope. */
export const SettingOrigin = Type.Union([
  Type.Object({ groupId: Uuid, groupName: Type.String() }),
  Type.Null(),
]);
export type SettingOrigin = Static<typeof SettingOrigin>;

/** The lock of a group above, because of which this group cannot say something else; null: there is none. */
export const SettingLock = Type.Union([Type.Object({ group: SettingOrigin }), Type.Null()]);
export type SettingLock = Static<typeof SettingLock>;
