import { type Static, Type } from 'typebox';
import { TransportReason } from '../mode-negotiation.ts';

const closed = { additionalProperties: false } as const;

/** Body of `POST /mcp/v1/transports`: what the product saw of its probes. */
export const TransportRequestSchema = Type.Object(
  {
    /** 0 when it did not try: it has no UDP, or no socket could be opened. */
    probesSent: Type.Integer({ minimum: 0, maximum: 10 }),
    /** True when at least one probe acknowledgement was verified. */
    acknowledged: Type.Boolean(),
  },
  closed,
);
export type TransportRequest = Static<typeof TransportRequestSchema>;

export const TransportAnswerSchema = Type.Object({
  transport: Type.Union([Type.Literal('udp-acknowledged'), Type.Literal('udp'), Type.Literal('https')]),
  /** One of `TransportReason`, or one of a newer server. */
  reason: Type.String({ minLength: 1, maxLength: 64, examples: Object.values(TransportReason) }),
});
export type TransportAnswer = Static<typeof TransportAnswerSchema>;
