import { limits, mcpPath } from '@holdfast/protocol';
import type { RegisterMcpRoute } from '../../platform/http/route-registrar.ts';
import type { DatagramCounts } from './datagram-counts.ts';
import { hasAnswer, type HeartbeatDoor } from './heartbeat-door.ts';
import { PresenceError } from './presence.errors.ts';

export function registerPresenceRoutes(
  registerMcpRoute: RegisterMcpRoute,
  door: HeartbeatDoor,
  counts: DatagramCounts,
): void {
  registerMcpRoute(
    {
      name: 'recordHeartbeat',
      method: 'POST',
      path: mcpPath.heartbeats,
      access: 'self-proving',
      requestClass: 'heartbeat',
      bodyLimit: limits.maxDatagramBytes,
    },
    ({ body }) => {
      const answer = Buffer.alloc(limits.minDatagramBytes);
      // A body of no bytes at all is no datagram either.
      const bytes: unknown = body;
      const outcome = door.receive(
        bytes instanceof Uint8Array ? bytes : Buffer.alloc(0),
        'heartbeat-https',
        answer,
      );
      counts.add(outcome);
      if (hasAnswer(outcome)) return answer;
      if (outcome === 'replayed') {
        throw new PresenceError('HEARTBEAT_REPLAYED', 'This heartbeat is older than the last one.', {
          remedy: 'Send a heartbeat with a higher sequence.',
        });
      }
      throw new PresenceError(
        'HEARTBEAT_INVALID',
        'This is not a valid heartbeat of a product of this server.',
        {
          remedy: 'Make a new handshake and use its heartbeat key.',
        },
      );
    },
  );
}
