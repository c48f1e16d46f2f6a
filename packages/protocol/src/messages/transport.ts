import { type Static, Type } from 'typebox';
import { ModeReason } from '../mode-choice.ts';
import { TransportReason } from '../transport-choice.ts';
import { field } from './field.ts';

const closed = { additionalProperties: false } as const;

/** Body of `POST /mcp/v1/transports`: what the product saw of its probes, and how it can be called. */
export const TransportRequestSchema = Type.Object(
  {
    /** 0 when it did not try: it has no UDP, or no socket could be opened. */
    probesSent: Type.Integer({ minimum: 0, maximum: 10 }),
    /** True when at least one probe acknowledgement was verified. */
    acknowledged: Type.Boolean(),
    /** Port on which the product listens for notifications; absent or `null`: it does not listen. */
    listenerPort: Type.Optional(Type.Union([field.port, Type.Null()])),
    /** True when it can keep a stream of notifications open; absent: it cannot. */
    canHold: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type TransportRequest = Static<typeof TransportRequestSchema>;

export const TransportAnswerSchema = Type.Object({
  transport: Type.Union([Type.Literal('udp-acknowledged'), Type.Literal('udp'), Type.Literal('https')]),
  /** One of `TransportReason`, or one of a newer server. */
  reason: Type.String({ minLength: 1, maxLength: 64, examples: Object.values(TransportReason) }),
  /** Absent: one-way. */
  mode: Type.Optional(
    Type.Union([
      Type.Literal('one-way'),
      Type.Literal('two-way-direct'),
      Type.Literal('two-way-udp'),
      Type.Literal('two-way-held'),
    ]),
  ),
  /** One of `ModeReason`, or one of a newer server. */
  modeReason: Type.Optional(
    Type.String({ minLength: 1, maxLength: 64, examples: Object.values(ModeReason) }),
  ),
});
export type TransportAnswer = Static<typeof TransportAnswerSchema>;
