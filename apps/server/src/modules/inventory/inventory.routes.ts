import { InventoryAnswerSchema, InventoryRequestSchema, limits, mcpPath } from '@holdfast/protocol';
import type { RegisterMcpRoute } from '../../platform/http/route-registrar.ts';
import type { InventoryService } from './inventory.service.ts';

export function registerInventoryRoutes(
  registerMcpRoute: RegisterMcpRoute,
  inventory: InventoryService,
): void {
  registerMcpRoute(
    {
      name: 'replaceInventory',
      method: 'PUT',
      path: mcpPath.inventory,
      access: 'product',
      requestClass: 'inventory',
      bodyLimit: limits.maxInventoryBodyBytes,
      body: InventoryRequestSchema,
      response: InventoryAnswerSchema,
    },
    async ({ product, body, request }) => await inventory.replace(product, body, request),
  );
}
