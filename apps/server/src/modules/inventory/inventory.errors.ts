import { AppError, type AppErrorOptions } from '@holdfast/kernel';

export type InventoryErrorCode = 'INVENTORY_INVALID' | 'INVENTORY_NOT_ACCEPTED';

export class InventoryError extends AppError<InventoryErrorCode> {
  readonly code: InventoryErrorCode;

  constructor(code: InventoryErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

export const inventoryErrorStatus: Record<InventoryErrorCode, number> = {
  INVENTORY_INVALID: 400,
  INVENTORY_NOT_ACCEPTED: 403,
};
