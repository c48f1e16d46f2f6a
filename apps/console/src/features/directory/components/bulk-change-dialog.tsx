import { MoveDevicesDialog } from './move-devices-dialog.tsx';
import { PlannedChangeDialog } from './planned-change-dialog.tsx';
import type { MovedDevice } from '../use-move-devices.ts';

export type BulkChange = 'move' | 'disable' | 'enable' | 'remove';

export interface BulkChangeDialogProps {
  readonly kind: BulkChange;
  readonly devices: readonly MovedDevice[];
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function BulkChangeDialog({ kind, devices, onDone, onClose }: BulkChangeDialogProps) {
  if (kind === 'move') {
    return <MoveDevicesDialog devices={devices} name={undefined} onMoved={onDone} onClose={onClose} />;
  }
  return (
    <PlannedChangeDialog
      kind={kind}
      deviceIds={devices.map((device) => device.id)}
      onDone={onDone}
      onClose={onClose}
    />
  );
}
