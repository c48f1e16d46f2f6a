import {
  definitionOf,
  type DeviceEncryption,
  type DeviceSort,
  type DeviceSummary,
  fieldOfWord,
} from '@holdfast/api';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { EncryptionLabel } from '../../../shared/page/encryption-label.tsx';
import { PlatformIcon } from '../../../shared/page/platform-icon.tsx';
import { PresenceLabel } from '../../../shared/presence/presence-label.tsx';
import { NameCell, NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import type { Selection } from '../../../shared/table/selection.ts';
import { TagChips } from '../../../shared/tags/tag-chips.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { type DeviceColumn, sortOfColumn } from '../device-columns.ts';
import { KeyCopyMark } from './key-copy-mark.tsx';
import classes from './device-table.module.css';
import { TwinMark } from './twin-mark.tsx';

export interface DeviceTableProps {
  readonly devices: readonly DeviceSummary[];
  readonly columns: readonly DeviceColumn[];
  readonly totalCount: number | undefined;
  readonly sort: { readonly by: DeviceSort; readonly order: 'ascending' | 'descending' };
  readonly onSort: (by: DeviceSort) => void;
  /** Undefined where nothing can be done with many devices at once. */
  readonly selection: Selection | undefined;
  readonly onSelect: (selection: Selection) => void;
  readonly changedIds: ReadonlySet<string>;
  readonly onEndReached: () => void;
  readonly onVisible: (first: number, last: number) => void;
  readonly firstOffset: number;
  readonly onScroll: (offset: number) => void;
  readonly foot: ReactNode;
}

type Width = readonly [minWidth: number, weight: number];

const widths: Readonly<Partial<Record<DeviceColumn, Width>>> = {
  status: [170, 1.1],
  name: [188, 2.2],
  system: [150, 1.4],
  address: [118, 0.8],
  group: [112, 1.2],
  agent: [72, 0.5],
  transport: [140, 1],
  encryption: [136, 0.9],
  registered: [110, 0.8],
};
const ordinaryWidth: Width = [122, 1.2];

export function DeviceTable(props: DeviceTableProps) {
  const { t } = useTranslation('directory');
  const navigate = useNavigate();
  const columns = props.columns.map<TableColumn<DeviceSummary>>((column) => {
    const [minWidth, weight] = widths[column] ?? ordinaryWidth;
    return {
      id: column,
      header: definitionOf(fieldOfWord(column)).title,
      minWidth,
      weight,
      sort: sortOfColumn(column),
      cell: (device) => <DeviceCell device={device} column={column} />,
    };
  });
  return (
    <DataTable
      label={t('list.label')}
      columns={columns}
      rows={props.devices}
      rowId={(device) => device.id}
      rowName={(device) => device.name}
      narrowRow={(device) => (
        <NarrowRow
          title={<DeviceLink device={device} />}
          aside={<PresenceLabel presence={device.presence} detail="seen" />}
          mark={
            <>
              <KeyCopyMark device={device} />
              <TwinMark device={device} />
            </>
          }
          detail={
            <>
              <EncryptionLabel state={encryptionOf(device)} />
              {device.tags.length === 0 ? null : (
                <span className={classes.tags}>
                  <TagChips names={device.tags} room={112} />
                </span>
              )}
              <span>
                {[device.system, device.groupPath.join(' / '), device.address]
                  .filter((part) => part !== '')
                  .join(' · ')}
              </span>
            </>
          }
        />
      )}
      onOpen={(device) => void navigate({ to: '/devices/$deviceId', params: { deviceId: device.id } })}
      sort={props.sort}
      onSort={(by) => props.onSort(by as DeviceSort)}
      selection={props.selection}
      onSelect={props.onSelect}
      changedIds={props.changedIds}
      totalCount={props.totalCount}
      onEndReached={props.onEndReached}
      onVisible={props.onVisible}
      firstOffset={props.firstOffset}
      onScroll={props.onScroll}
      foot={props.foot}
    />
  );
}

interface DeviceCellProps {
  readonly device: DeviceSummary;
  readonly column: DeviceColumn;
}

function DeviceCell({ device, column }: DeviceCellProps) {
  const { t } = useTranslation('common');
  const name = fieldOfWord(column);
  switch (name) {
    case 'name':
      return (
        <NameCell icon={<PlatformIcon platform={device.platform} size={16} />}>
          <DeviceLink device={device} />
          <KeyCopyMark device={device} />
          <TwinMark device={device} />
        </NameCell>
      );
    case 'presence':
      return <PresenceLabel presence={device.presence} detail="seen" />;
    case 'groupPath':
      return <TextCell text={device.groupPath.join(' / ')} isSoft />;
    case 'platform':
      return <TextCell text={t(`platform.${device.platform}`)} isSoft />;
    case 'transport':
      return <TextCell text={t(`transport.${device.transport}`)} isSoft />;
    case 'isEncrypted':
      return <EncryptionLabel state={encryptionOf(device)} />;
    case 'registeredAt':
      return <RelativeTimeLabel at={device.registeredAt} className="hf-soft" />;
    case 'tags':
      return device.tags.length === 0 ? (
        <TextCell text="" />
      ) : (
        <TagChips names={device.tags} room={ordinaryWidth[0] - 12} />
      );
    default:
      return <TextCell text={String(device[name])} />;
  }
}

function encryptionOf({ isEncrypted }: DeviceSummary): DeviceEncryption {
  return isEncrypted === null ? 'unknown' : isEncrypted ? 'encrypted' : 'not-encrypted';
}

interface DeviceLinkProps {
  readonly device: DeviceSummary;
}

function DeviceLink({ device }: DeviceLinkProps) {
  return (
    <Link
      to="/devices/$deviceId"
      params={{ deviceId: device.id }}
      tabIndex={-1}
      title={device.name}
      preload={false}
    >
      {device.name}
    </Link>
  );
}
