import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { AuditList } from '../../features/audit/components/audit-list.tsx';
import { CommandList } from '../../features/commands/components/command-list.tsx';
import { DeviceComponents } from '../../features/components/components/device-components.tsx';
import { LogList } from '../../features/logs/components/log-list.tsx';
import { NoteList } from '../../features/notes/components/note-list.tsx';
import { useApi } from '../../shared/api/services.ts';
import { deviceQuery } from '../../shared/devices/device-query.ts';

/** Tabs of a device that other features own. */
export function DeviceCommandsTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  return <CommandList filter={{ deviceId }} />;
}

export function DeviceLogsTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  return <LogList search={{ device: deviceId }} isOfDevice />;
}

export function DeviceAuditTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  return <AuditList filter={{ objectId: deviceId }} />;
}

export function DeviceComponentsTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  const name = useQuery(deviceQuery(useApi(), deviceId)).data?.device.name;
  return <DeviceComponents deviceId={deviceId} deviceName={name} />;
}

export function DeviceNotesTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  return <NoteList deviceId={deviceId} />;
}
