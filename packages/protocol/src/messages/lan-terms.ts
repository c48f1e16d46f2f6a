import { type Static, Type } from 'typebox';
import { limits } from '../limits.ts';
import { field } from './field.ts';

/** Whether an agent may be elected on its LAN. */
export const ActiveAgentRole = {
  automatic: 'automatic',
  /** Before all others that are able to. */
  preferred: 'preferred',
  never: 'never',
} as const;
export type ActiveAgentRole = (typeof ActiveAgentRole)[keyof typeof ActiveAgentRole];

/** How a product takes part in updates on its LAN: what it shares with the others of its organisation, and within what bounds. */
export const LanTermsSchema = Type.Object({
  /** Secrets of the organisation on a LAN, 32 bytes each: first that of now, then those that others may use already or still. */
  secrets: Type.Array(field.bytes32, { minItems: 1, maxItems: limits.maxLanSecrets }),
  activeAgent: Type.Union([Type.Literal('automatic'), Type.Literal('preferred'), Type.Literal('never')]),
  /** Over which the products of a LAN spread what is not urgent; 0: not at all. */
  windowMs: Type.Integer({ minimum: 0, maximum: limits.maxUpdateWindowMs }),
  /** To how many an Active Agent sends at the same time. */
  maxUploads: Type.Integer({ minimum: 1, maximum: limits.maxLanUploads }),
  /** All together; 0: no bound. */
  uploadBytesPerSecond: Type.Integer({ minimum: 0, maximum: limits.maxLanRate }),
  /** Of what an Active Agent keeps for others. */
  cacheBytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  /** IP addresses of others of the organisation that seem to be on the same network, for where multicast does not pass. */
  hints: Type.Array(Type.String({ minLength: 2, maxLength: 45 }), { maxItems: limits.maxLanHints }),
});
export type LanTerms = Static<typeof LanTermsSchema>;

/** How a product stands on its LANs, beside the states of its components. */
export const LanReportSchema = Type.Object(
  {
    segments: Type.Array(
      Type.Object(
        {
          /** In CIDR notation, e.g. `192.0.2.0/24`. */
          network: Type.String({ minLength: 3, maxLength: 49, pattern: '^[0-9a-f.:]+/[0-9]{1,3}$' }),
          /** Whom it follows there; its own number: it is the Active Agent. Absent: nobody. */
          activeProduct: Type.Optional(field.productNumber),
        },
        { additionalProperties: false },
      ),
      { maxItems: limits.maxLanSegments },
    ),
    /** Bytes of components that it fetched since it has kept count: from the server, and from Active Agents. */
    fromServerBytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    fromLanBytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  },
  { additionalProperties: false },
);
export type LanReport = Static<typeof LanReportSchema>;
