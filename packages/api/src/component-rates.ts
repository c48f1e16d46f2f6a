import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Revision } from './scalars.ts';

/** Bytes a second, from 1 KiB on; null: as fast as the server has time for. */
const Rate = Type.Union([Type.Integer({ minimum: 1_024, maximum: 1_000_000_000_000 }), Type.Null()]);
const rates = {
  /** To all products together. */
  allPerSecond: Rate,
  /** To each of them. */
  eachPerSecond: Rate,
};

/** How fast files of components go to products. */
export const ComponentRates = Type.Object({
  ...rates,
  /** 0: what holds before anybody has said anything. */
  revision: Type.Integer({ minimum: 0 }),
});
export type ComponentRates = Static<typeof ComponentRates>;

const tag = 'Components';

export const getComponentRates = defineRoute({
  name: 'getComponentRates',
  method: 'GET',
  path: '/api/v1/component-rates',
  tag,
  access: { permission: 'components:read' },
  summary: 'How fast files of components go to products',
  response: ComponentRates,
});
export const setComponentRates = defineRoute({
  name: 'setComponentRates',
  method: 'PUT',
  path: '/api/v1/component-rates',
  tag,
  access: { permission: 'components:manage' },
  summary:
    'Say how fast files of components go to products at most; running downloads follow within a minute',
  body: Type.Object(
    { ...rates, revision: Type.Union([Revision, Type.Literal(0)]) },
    { additionalProperties: false },
  ),
  response: ComponentRates,
});
