import { type Static, Type } from 'typebox';
import { ChangePlan, PlanToken } from './change-plan.ts';
import { RecycledItem } from './recycle-bin.ts';
import { defineRoute } from './route.ts';
import { oneOf, Uuid } from './scalars.ts';

/** As many devices as one change may name. */
export const MAX_CHANGED_DEVICES = 1_000;

const tag = 'Directory';
const edit = { permission: 'directory:edit' } as const;
const NamedDevices = Type.Array(Uuid, { minItems: 1, maxItems: MAX_CHANGED_DEVICES, uniqueItems: true });

/** What an administrator allows a device to do: a disabled one is refused at its next call. */
export const DeviceAdmission = oneOf(['active', 'disabled'] as const);
export type DeviceAdmission = Static<typeof DeviceAdmission>;

export const planDeviceRemoval = defineRoute({
  name: 'planDeviceRemoval',
  method: 'POST',
  path: '/api/v1/device-removals/plan',
  tag,
  access: edit,
  summary: 'What removing devices would change',
  body: Type.Object({ deviceIds: NamedDevices }, { additionalProperties: false }),
  response: ChangePlan,
});
export const removeDevices = defineRoute({
  name: 'removeDevices',
  method: 'POST',
  path: '/api/v1/device-removals',
  tag,
  access: edit,
  summary: 'Move devices to the recycle bin, all or none; each is an item of its own there',
  body: Type.Object({ deviceIds: NamedDevices, planToken: PlanToken }, { additionalProperties: false }),
  response: Type.Object({ items: Type.Array(RecycledItem) }),
});
export const planDeviceAdmission = defineRoute({
  name: 'planDeviceAdmission',
  method: 'POST',
  path: '/api/v1/device-admissions/plan',
  tag,
  access: edit,
  summary: 'What disabling or enabling devices would change',
  body: Type.Object({ deviceIds: NamedDevices, state: DeviceAdmission }, { additionalProperties: false }),
  response: ChangePlan,
});
export const setDeviceAdmission = defineRoute({
  name: 'setDeviceAdmission',
  method: 'POST',
  path: '/api/v1/device-admissions',
  tag,
  access: edit,
  summary: 'Disable or enable the products that stand for devices, all or none',
  body: Type.Object(
    { deviceIds: NamedDevices, state: DeviceAdmission, planToken: PlanToken },
    { additionalProperties: false },
  ),
  response: Type.Object({
    /** Those that were in the other state before: what an undo has to name. */
    changedIds: Type.Array(Uuid),
  }),
});
