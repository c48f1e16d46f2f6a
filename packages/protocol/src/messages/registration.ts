import { type Static, Type } from 'typebox';
import { field } from './field.ts';
import { CapabilitiesSchema, DeviceSchema, ProductSchema } from './product.ts';

const closed = { additionalProperties: false } as const;

const facts = { product: ProductSchema, device: DeviceSchema, capabilities: CapabilitiesSchema };

/**
 * The signed request of `POST /mcp/v1/registrations`: with an enrolment token, or with the receipt that a product got under
 * another key. The second is how a copy asks for a record of its own after `PRODUCT_KEY_SHARED`.
 */
export const RegistrationRequestSchema = Type.Union([
  Type.Object({ token: Type.Object({ id: field.uuid, secret: field.bytes32 }, closed), ...facts }, closed),
  Type.Object({ receipt: field.receipt, ...facts }, closed),
]);
export type RegistrationRequest = Static<typeof RegistrationRequestSchema>;

/** 201 for a new record, 200 when the key was known already. */
export const RegisteredAnswerSchema = Type.Object({
  state: Type.Literal('registered'),
  productNumber: field.productNumber,
  deviceId: field.uuid,
  groupId: field.uuid,
  groupPath: field.groupPath,
  receipt: field.receipt,
});
export type RegisteredAnswer = Static<typeof RegisteredAnswerSchema>;

/** 202: an administrator has to agree. The product asks again with a new challenge. */
export const AwaitingApprovalAnswerSchema = Type.Object({
  state: Type.Literal('awaiting-approval'),
  retryAfterMs: field.durationMs,
});
export type AwaitingApprovalAnswer = Static<typeof AwaitingApprovalAnswerSchema>;

export const RegistrationAnswerSchema = Type.Union([RegisteredAnswerSchema, AwaitingApprovalAnswerSchema]);
export type RegistrationAnswer = Static<typeof RegistrationAnswerSchema>;
