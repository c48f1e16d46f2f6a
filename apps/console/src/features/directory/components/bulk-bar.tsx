import { type DeviceFilter, type DeviceSummary, listDevices } from '@holdfast/api';
import { ActionIcon, Button } from '@mantine/core';
import { IconArrowMoveRight, IconRefreshDot, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { emptySelection, type Selection } from '../../../shared/table/selection.ts';
import type { MovedDevice } from '../use-move-devices.ts';
import classes from './bulk-bar.module.css';
import { MoveDevicesDialog } from './move-devices-dialog.tsx';

/** As many as one change may name. */
const maxMoved = 1_000;
const maxNamed = 1_000;
const maxPage = 500;

export interface BulkBarProps {
  readonly selection: Selection;
  readonly devices: readonly DeviceSummary[];
  readonly filter: DeviceFilter;
  readonly totalCount: number;
  readonly onSelect: (selection: Selection) => void;
}

/** What can be done with the chosen devices; every button says with how many. */
export function BulkBar({ selection, devices, filter, totalCount, onSelect }: BulkBarProps) {
  const { t } = useTranslation('directory');
  const api = useApi();
  const notify = useNotify();
  const openDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const mayEdit = usePermission('directory:edit');
  const [moved, setMoved] = useState<readonly MovedDevice[]>();
  const [isCollecting, setCollecting] = useState(false);
  const count = selection.kind === 'all' ? totalCount : selection.ids.size;
  // All that match are told by their filter, however many they are; only a list of names has an end.
  const hasTooManyNamed = selection.kind === 'some' && count > maxNamed;
  const isLoadedSelected = selection.kind === 'some' && count >= devices.length && totalCount > count;

  const collectDevices = async (): Promise<readonly MovedDevice[]> => {
    if (selection.kind === 'some') return devices.filter((device) => selection.ids.has(device.id));
    const collected: MovedDevice[] = [];
    let cursor: string | undefined;
    do {
      const page = await api.call(listDevices, {
        query: { ...filter, limit: maxPage, ...(cursor === undefined ? {} : { cursor }) },
      });
      collected.push(...page.devices);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && collected.length < maxMoved);
    return collected.map(({ id, groupId }) => ({ id, groupId }));
  };
  const startMove = (): void => {
    setCollecting(true);
    collectDevices()
      .then(setMoved, notify.error)
      .finally(() => setCollecting(false));
  };
  const issue = (): void =>
    openDialog({
      kind: 'issue-command',
      type: 'collect-inventory',
      aim:
        selection.kind === 'all'
          ? { kind: 'filter', filter, count: totalCount }
          : { kind: 'devices', deviceIds: [...selection.ids], name: nameOfOnly(devices, selection.ids) },
    });

  return (
    <div className={classes.bar} role="region" aria-label={t('selection.count', { count })}>
      <ActionIcon size="sm" aria-label={t('selection.clear')} onClick={() => onSelect(emptySelection)}>
        <IconX size={16} />
      </ActionIcon>
      <span className={classes.count} role="status">
        {selection.kind === 'all' ? t('selection.all', { count }) : t('selection.count', { count })}
      </span>
      {isLoadedSelected ? (
        <Button variant="subtle" size="compact-sm" onClick={() => onSelect({ kind: 'all' })}>
          {t('selection.selectAll', { count: totalCount })}
        </Button>
      ) : null}
      <span className={classes.spacer} />
      {mayEdit ? (
        <Button
          variant="default"
          size="compact-md"
          loading={isCollecting}
          disabled={count > maxMoved}
          title={count > maxMoved ? t('selection.tooMany', { max: maxMoved }) : undefined}
          leftSection={<IconArrowMoveRight size={16} stroke={1.75} />}
          onClick={startMove}
        >
          {t('selection.move', { count })}
        </Button>
      ) : null}
      {mayIssue ? (
        <Button
          size="compact-md"
          disabled={hasTooManyNamed}
          title={hasTooManyNamed ? t('selection.tooManyNamed', { max: maxNamed }) : undefined}
          leftSection={<IconRefreshDot size={16} stroke={1.75} />}
          onClick={issue}
        >
          {t('selection.command', { count })}
        </Button>
      ) : null}
      {moved === undefined ? null : (
        <MoveDevicesDialog
          devices={moved}
          name={undefined}
          onMoved={() => {
            setMoved(undefined);
            onSelect(emptySelection);
          }}
          onClose={() => setMoved(undefined)}
        />
      )}
    </div>
  );
}

function nameOfOnly(devices: readonly DeviceSummary[], ids: ReadonlySet<string>): string | undefined {
  return ids.size === 1 ? devices.find((device) => ids.has(device.id))?.name : undefined;
}
