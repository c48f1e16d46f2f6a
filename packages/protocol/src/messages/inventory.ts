import { type Static, Type } from 'typebox';
import { field } from './field.ts';

/** Body of `PUT /mcp/v1/inventory`: the facts of the device as a whole; they replace the earlier ones. */
export const InventoryRequestSchema = Type.Object(
  {
    /** Wall time of the product. */
    collectedAt: field.timeMs,
    /** At most 256 KiB as JSON, at most 16 levels deep. */
    facts: field.jsonObject,
  },
  { additionalProperties: false },
);
export type InventoryRequest = Static<typeof InventoryRequestSchema>;

export const InventoryAnswerSchema = Type.Object({
  /** base64url SHA-256 of the facts in the server's canonical form: opaque to the product. */
  digest: field.bytes32,
  changed: Type.Boolean(),
});
export type InventoryAnswer = Static<typeof InventoryAnswerSchema>;
