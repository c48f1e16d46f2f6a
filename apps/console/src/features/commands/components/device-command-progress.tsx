import { type ApiClient, type Command, type CommandTarget, listCommandTargets } from '@holdfast/api';
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useApi } from '../../../shared/api/services.ts';
import { useLiveEvents } from '../../../shared/live/use-live-events.ts';
import { isTelling, progressOf } from '../command-progress.ts';
import { CommandBar } from './command-bar.tsx';
import { CommandStateLabel } from './command-state.tsx';
import { TargetProgress } from './target-progress.tsx';

/** Events tell of some devices of a large command one by one; of the others somebody has to ask. */
const REFETCH_MS = 5_000;

function deviceTargetQuery(api: ApiClient, commandId: string, deviceId: string) {
  return queryOptions({
    queryKey: ['device-command-target', commandId, deviceId],
    queryFn: async ({ signal }) => {
      const query = { deviceId, limit: 1 };
      const { targets } = await api.call(listCommandTargets, { params: { commandId }, query, signal });
      return targets[0] ?? null;
    },
  });
}

export interface DeviceCommandProgressProps {
  readonly command: Command;
  readonly deviceId: string;
}

/** How far a command is at one device, while it is open; after that how it ended everywhere. */
export function DeviceCommandProgress({ command, deviceId }: DeviceCommandProgressProps) {
  return progressOf(command.counts).isFinished ? (
    <CommandBar counts={command.counts} />
  ) : (
    <OpenProgress command={command} deviceId={deviceId} />
  );
}

function OpenProgress({ command, deviceId }: DeviceCommandProgressProps) {
  const queryClient = useQueryClient();
  const options = deviceTargetQuery(useApi(), command.id, deviceId);
  const target = useQuery({ ...options, refetchInterval: REFETCH_MS }).data ?? undefined;
  useLiveEvents((events) => {
    for (const event of events) {
      if (event.type === 'command-target' && isOf(event.target, command.id, deviceId))
        queryClient.setQueryData(options.queryKey, event.target);
    }
  });
  if (target === undefined) return <CommandBar counts={command.counts} />;
  return isTelling(target) ? (
    <TargetProgress target={target} isCompact />
  ) : (
    <CommandStateLabel state={target.state} />
  );
}

function isOf(target: CommandTarget, commandId: string, deviceId: string): boolean {
  return target.commandId === commandId && target.deviceId === deviceId;
}
