import { changeDeviceTags, type DeviceSummary, MAX_TAGS_OF_DEVICE, tagKeyOf } from '@holdfast/api';
import { Button, Popover } from '@mantine/core';
import { IconPlus, IconTag } from '../../../shared/icons/icons.ts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { TagChip } from '../../../shared/tags/tag-chip.tsx';
import { TagPicker } from '../../../shared/tags/tag-picker.tsx';
import { findTag, tagsKey, useTags } from '../../../shared/tags/tags-query.ts';
import classes from './device-tags.module.css';

export interface DeviceTagsProps {
  readonly device: DeviceSummary;
}

/** The tags of a device, each leading to its devices, and where they are changed in place. */
export function DeviceTags({ device }: DeviceTagsProps) {
  const { t } = useTranslation('tags');
  const tags = useTags();
  const mayEdit = usePermission('directory:edit');
  if (device.tags.length === 0 && !mayEdit) return null;
  return (
    <div className={classes.tags} role="group" aria-label={t('ofDevice')}>
      {device.tags.map((name) => {
        const tag = findTag(tags, name);
        return (
          <Link
            key={name}
            to="/directory"
            search={{ tag: name }}
            className={classes.link}
            aria-label={t('showDevices', { name })}
          >
            <TagChip name={name} colour={tag?.colour ?? 'grey'} title={tag?.description} />
          </Link>
        );
      })}
      {mayEdit ? <TagEditor device={device} /> : null}
    </div>
  );
}

function TagEditor({ device }: DeviceTagsProps) {
  const { t } = useTranslation('tags');
  const tags = useTags();
  const toggle = useToggleTag(device);
  const has = (name: string): boolean => device.tags.some((other) => tagKeyOf(other) === tagKeyOf(name));
  const isEmpty = device.tags.length === 0;
  return (
    <Popover position="bottom-start" width={300} trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="subtle"
          size="compact-xs"
          {...(isEmpty ? { ml: -8 } : {})}
          leftSection={isEmpty ? <IconTag size={14} stroke={1.75} /> : <IconPlus size={14} stroke={1.75} />}
        >
          {t('editOfDevice')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label={t('ofDevice')}>
        <TagPicker
          tags={tags}
          newNames={device.tags}
          stateOf={(name) => (has(name) ? 'on' : 'off')}
          mayCreate={device.tags.length < MAX_TAGS_OF_DEVICE}
          onToggle={(name) => toggle.mutate({ name, isAdded: !has(name) })}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Puts a tag on the device at once, or takes it off; a second click takes the first one back. */
function useToggleTag(device: DeviceSummary) {
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ name, isAdded }: { readonly name: string; readonly isAdded: boolean }) =>
      api.call(changeDeviceTags, {
        body: {
          targets: { deviceIds: [device.id] },
          add: isAdded ? [name] : [],
          remove: isAdded ? [] : [name],
        },
      }),
    onSuccess: async () => {
      await Promise.all(
        [['device'], ['devices'], tagsKey].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
      );
    },
    onError: notify.error,
  });
}
