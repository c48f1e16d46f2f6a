import { type DeviceFilter, type DeviceSummary, listDevices, MAX_CHANGED_DEVICES } from '@holdfast/api';
import { ActionIcon, Button, Menu } from '@mantine/core';
import {
  IconArrowMoveRight,
  IconChevronDown,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefreshDot,
  IconTags,
  IconTerminal2,
  IconTrash,
  IconX,
} from '../../../shared/icons/icons.ts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { lateComponent } from '../../../shared/late/late-component.tsx';
import { useDialogs } from '../../../shared/dialogs/dialog-request.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { emptySelection, type Selection } from '../../../shared/table/selection.ts';
import type { MovedDevice } from '../use-move-devices.ts';
import classes from './bulk-bar.module.css';
import type { BulkChange } from './bulk-change-dialog.tsx';

const BulkChangeDialog = lateComponent(() => import('./bulk-change-dialog.tsx'), 'BulkChangeDialog');
const TagDevicesDialog = lateComponent(() => import('./tag-devices-dialog.tsx'), 'TagDevicesDialog');

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
  const { t } = useTranslation(['directory', 'tags']);
  const api = useApi();
  const notify = useNotify();
  const openDialog = useDialogs();
  const mayIssue = usePermission('commands:issue');
  const mayEdit = usePermission('directory:edit');
  const [change, setChange] = useState<{
    readonly kind: BulkChange;
    readonly devices: readonly MovedDevice[];
  }>();
  const [isTagging, setTagging] = useState(false);
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
    } while (cursor !== undefined && collected.length <= MAX_CHANGED_DEVICES);
    // More may have come since the list was counted: nothing is done to some of them in the name of all.
    if (collected.length > MAX_CHANGED_DEVICES)
      throw new Error(t('selection.tooMany', { max: MAX_CHANGED_DEVICES }));
    return collected.map(({ id, groupId }) => ({ id, groupId }));
  };
  const start = (kind: BulkChange): void => {
    setCollecting(true);
    collectDevices()
      .then((chosen) => setChange({ kind, devices: chosen }), notify.error)
      .finally(() => setCollecting(false));
  };
  const issue = (type: string | undefined): void =>
    openDialog({
      kind: 'issue-command',
      type,
      aim:
        selection.kind === 'all'
          ? { kind: 'filter', filter }
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
      {mayEdit || mayIssue ? (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button
              variant="default"
              size="compact-md"
              loading={isCollecting}
              rightSection={<IconChevronDown size={14} />}
            >
              {t(mayEdit ? 'selection.change' : 'selection.more', { count })}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {mayIssue ? (
              <Menu.Item
                disabled={hasTooManyNamed}
                title={hasTooManyNamed ? t('selection.tooManyNamed', { max: maxNamed }) : undefined}
                leftSection={<IconTerminal2 size={16} stroke={1.75} />}
                onClick={() => issue(undefined)}
              >
                {t('selection.otherCommand')}
              </Menu.Item>
            ) : null}
            {mayEdit ? (
              <>
                <Menu.Item
                  disabled={hasTooManyNamed}
                  title={hasTooManyNamed ? t('selection.tooManyNamed', { max: maxNamed }) : undefined}
                  leftSection={<IconTags size={16} stroke={1.75} />}
                  onClick={() => setTagging(true)}
                >
                  {t('tags:bulk.item', { count })}
                </Menu.Item>
                <EditItems count={count} onStart={start} />
              </>
            ) : null}
          </Menu.Dropdown>
        </Menu>
      ) : null}
      {mayIssue ? (
        <Button
          size="compact-md"
          disabled={hasTooManyNamed}
          title={hasTooManyNamed ? t('selection.tooManyNamed', { max: maxNamed }) : undefined}
          leftSection={<IconRefreshDot size={16} stroke={1.75} />}
          onClick={() => issue('collect-inventory')}
        >
          {t('selection.command', { count })}
        </Button>
      ) : null}
      {isTagging ? (
        <TagDevicesDialog
          targets={selection.kind === 'all' ? { filter } : { deviceIds: [...selection.ids] }}
          count={count}
          onDone={() => {
            setTagging(false);
            onSelect(emptySelection);
          }}
          onClose={() => setTagging(false)}
        />
      ) : null}
      {change === undefined ? null : (
        <BulkChangeDialog
          kind={change.kind}
          devices={change.devices}
          onDone={() => {
            setChange(undefined);
            onSelect(emptySelection);
          }}
          onClose={() => setChange(undefined)}
        />
      )}
    </div>
  );
}

interface EditItemsProps {
  readonly count: number;
  readonly onStart: (kind: BulkChange) => void;
}

function EditItems({ count, onStart }: EditItemsProps) {
  const { t } = useTranslation('directory');
  const hasTooMany = count > MAX_CHANGED_DEVICES;
  const limit = {
    disabled: hasTooMany,
    title: hasTooMany ? t('selection.tooMany', { max: MAX_CHANGED_DEVICES }) : undefined,
  };
  return (
    <>
      <Menu.Item
        {...limit}
        leftSection={<IconArrowMoveRight size={16} stroke={1.75} />}
        onClick={() => onStart('move')}
      >
        {t('selection.move', { count })}
      </Menu.Item>
      <Menu.Item
        {...limit}
        leftSection={<IconPlayerStop size={16} stroke={1.75} />}
        onClick={() => onStart('disable')}
      >
        {t('selection.disable', { count })}
      </Menu.Item>
      <Menu.Item
        {...limit}
        leftSection={<IconPlayerPlay size={16} stroke={1.75} />}
        onClick={() => onStart('enable')}
      >
        {t('selection.enable', { count })}
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item
        {...limit}
        c="var(--hf-failed)"
        leftSection={<IconTrash size={16} stroke={1.75} />}
        onClick={() => onStart('remove')}
      >
        {t('selection.remove', { count })}
      </Menu.Item>
    </>
  );
}

function nameOfOnly(devices: readonly DeviceSummary[], ids: ReadonlySet<string>): string | undefined {
  return ids.size === 1 ? devices.find((device) => ids.has(device.id))?.name : undefined;
}
