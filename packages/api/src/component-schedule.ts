import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Instant, Revision } from './scalars.ts';
import { Schedule } from './schedule.ts';

const closed = { additionalProperties: false } as const;
const settings = {
  isEnabled: Type.Boolean(),
  /** From one beginning to the next: a quarter of an hour to four weeks. */
  everyMinutes: Type.Integer({ minimum: 15, maximum: 40_320 }),
  /** `HH:MM`, for those that come once in so many whole days: the time of day at which they begin. */
  startTime: Type.Union([Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }), Type.Null()]),
  /** When downloads may begin by themselves, by the clock of a place; null: at any time, and days are those of the server's zone. */
  hours: Type.Union([Schedule, Type.Null()]),
};

/** When components are downloaded without anybody asking. */
export const ComponentSchedule = Type.Object({
  ...settings,
  /** When one was begun by itself last. */
  lastAt: Type.Union([Instant, Type.Null()]),
  /** 0: what holds before anybody has said anything. */
  revision: Type.Integer({ minimum: 0 }),
});
export type ComponentSchedule = Static<typeof ComponentSchedule>;

const tag = 'Components';

export const getComponentSchedule = defineRoute({
  name: 'getComponentSchedule',
  method: 'GET',
  path: '/api/v1/component-schedule',
  tag,
  access: { permission: 'components:read' },
  summary: 'When components are downloaded without anybody asking',
  response: ComponentSchedule,
});
export const setComponentSchedule = defineRoute({
  name: 'setComponentSchedule',
  method: 'PUT',
  path: '/api/v1/component-schedule',
  tag,
  access: { permission: 'components:manage' },
  summary: 'Say when components are downloaded without anybody asking',
  body: Type.Object({ ...settings, revision: Type.Union([Revision, Type.Literal(0)]) }, closed),
  response: ComponentSchedule,
});
