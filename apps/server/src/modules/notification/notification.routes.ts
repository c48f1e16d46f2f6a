import { limits, mcpPath } from '@holdfast/protocol';
import type { ProductActor } from '../../platform/access/actor.ts';
import type { RegisterMcpRoute } from '../../platform/http/route-registrar.ts';
import type { StreamTarget } from './held-streams.ts';

export function registerNotificationRoutes(
  registerMcpRoute: RegisterMcpRoute,
  /** @throws NotificationError NOTIFICATIONS_FULL; otherwise it takes the answer over */
  openStream: (product: ProductActor, takeOver: () => StreamTarget) => void,
): void {
  registerMcpRoute(
    {
      name: 'holdNotifications',
      method: 'GET',
      path: mcpPath.notifications,
      access: 'product',
      requestClass: 'notifications',
      bodyLimit: limits.maxSmallBodyBytes,
    },
    async ({ product, reply }) => {
      openStream(product, () => {
        reply.hijack();
        const { raw } = reply;
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) raw.setHeader(name, value);
        }
        return raw;
      });
      return Buffer.alloc(0);
    },
  );
}
