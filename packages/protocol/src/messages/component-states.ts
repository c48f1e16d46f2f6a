import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { field } from './field.ts';

const closed = { additionalProperties: false } as const;

/** How a product stands with one component. */
export const ComponentStateName = {
  /** It has the newest release that it may have. */
  upToDate: 'up-to-date',
  /** There is a newer one, and nothing is under way. */
  behind: 'behind',
  downloading: 'downloading',
  /** A newer one is on its disk and verified, and not in use yet; or it is, and has not proven itself. */
  staged: 'staged',
  /** The last attempt at a newer one failed, for the reason that is said. What was in use before still is. */
  failed: 'failed',
} as const;
export type ComponentStateName = (typeof ComponentStateName)[keyof typeof ComponentStateName];

const release = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });

export const ComponentStateSchema = Type.Object(
  {
    component: field.componentId,
    /** In use; absent: none. */
    release: Type.Optional(release),
    /** Of that release, for people. */
    version: Type.Optional(field.componentVersion),
    state: Type.Union([
      Type.Literal('up-to-date'),
      Type.Literal('behind'),
      Type.Literal('downloading'),
      Type.Literal('staged'),
      Type.Literal('failed'),
    ]),
    /** That the state is about: the newest that is known, or the one that failed. */
    target: Type.Optional(release),
    /** Why it failed, for programs. */
    code: Type.Optional(
      Type.String({ minLength: 1, maxLength: limits.maxReportCodeCharacters, pattern: '^[A-Z][A-Z0-9_]*$' }),
    ),
    /** The same for people. */
    reason: Type.Optional(Type.String({ maxLength: limits.maxComponentReasonCharacters })),
    /** Wall time of the product. */
    changedAt: field.timeMs,
  },
  closed,
);
export type ComponentState = Static<typeof ComponentStateSchema>;

/** Body of `PUT /mcp/v1/component-states`: all components of the product; they replace the earlier ones. */
export const ComponentStatesRequestSchema = Type.Object(
  {
    /** Version of the snapshot metadata that the product followed last; absent: it has none. */
    catalogueVersion: Type.Optional(release),
    /** When it last followed them to their end, by its wall time. */
    checkedAt: Type.Optional(field.timeMs),
    /** Ascending by component, each once. */
    components: Type.Array(ComponentStateSchema, { maxItems: limits.maxComponents }),
  },
  closed,
);
export type ComponentStatesRequest = Static<typeof ComponentStatesRequestSchema>;

export const ComponentStatesAnswerSchema = Type.Object({
  /**
   * Components that the product is not to take, or not beyond a release, until an answer says otherwise: those that a deployment plan
   * has not come to. It keeps what it has. Absent: none.
   */
  ceilings: Type.Optional(
    Type.Array(
      Type.Object({
        component: field.componentId,
        /** 0: no release at all. */
        release: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      }),
      { maxItems: limits.maxComponents },
    ),
  ),
});
export type ComponentStatesAnswer = Static<typeof ComponentStatesAnswerSchema>;
