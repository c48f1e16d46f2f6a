import { limits, mcpPath } from '@holdfast/protocol';
import type { RegisterHotMcpRoute } from '../../platform/http/route-registrar.ts';
import type { DatagramCounts } from './datagram-counts.ts';
import { type DatagramDispatcher, hasAnswer } from './datagram-dispatcher.ts';
import { DatagramsError } from './datagrams.errors.ts';

export function registerDatagramRoutes(
  registerHotMcpRoute: RegisterHotMcpRoute,
  dispatcher: DatagramDispatcher,
  counts: DatagramCounts,
): void {
  registerHotMcpRoute(
    {
      name: 'recordHeartbeat',
      path: mcpPath.heartbeats,
      requestClass: 'heartbeat',
      bodyLimit: limits.maxDatagramBytes,
    },
    (body) => {
      const answer = Buffer.allocUnsafe(limits.minDatagramBytes);
      const outcome = dispatcher.dispatch(body, 'heartbeat-https', answer);
      counts.add(outcome);
      if (hasAnswer(outcome)) return answer;
      if (outcome === 'replayed') {
        throw new DatagramsError('HEARTBEAT_REPLAYED', 'This heartbeat is older than the last one.', {
          remedy: 'Send a heartbeat with a higher sequence.',
        });
      }
      throw new DatagramsError(
        'HEARTBEAT_INVALID',
        'This is not a valid heartbeat of a product of this server.',
        {
          remedy: 'Make a new handshake and use its heartbeat key.',
        },
      );
    },
  );
}
