import { useParams } from '@tanstack/react-router';
import { AuditList } from '../../features/audit/components/audit-list.tsx';
import { CommandList } from '../../features/commands/components/command-list.tsx';
import { LogList } from '../../features/logs/components/log-list.tsx';
import { NoteList } from '../../features/notes/components/note-list.tsx';

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

export function DeviceNotesTab() {
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  return <NoteList deviceId={deviceId} />;
}
