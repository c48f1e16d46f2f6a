import { AppError } from '@holdfast/kernel';

export const inventoryErrorStatus = {
  INVENTORY_INVALID: 400,
  INVENTORY_NOT_ACCEPTED: 403,
} as const;

export type InventoryErrorCode = keyof typeof inventoryErrorStatus;

export class InventoryError extends AppError<InventoryErrorCode> {}
