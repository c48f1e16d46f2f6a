import { type Static, Type } from 'typebox';

/** What a move or removal will change, shown before it is done. */
export const ChangePlan = Type.Object({
  /** To be sent back with the change; it is refused when the directory has changed since. */
  planToken: Type.String({ maxLength: 200 }),
  groupCount: Type.Integer({ minimum: 0 }),
  deviceCount: Type.Integer({ minimum: 0 }),
  /** One sentence for each consequence, e.g. whose API keys gain or lose sight of the devices. */
  consequences: Type.Array(Type.String()),
});
export type ChangePlan = Static<typeof ChangePlan>;

export const PlanToken = Type.String({ minLength: 1, maxLength: 200 });
