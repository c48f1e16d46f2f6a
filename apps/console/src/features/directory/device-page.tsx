import { ApiError } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconDeviceDesktopOff } from '../../shared/icons/icons.ts';
import { Link, Outlet, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useNotes } from '../../shared/notes/notes-query.ts';
import { CopyValue } from '../../shared/page/copy-value.tsx';
import { Page } from '../../shared/page/page.tsx';
import { PlatformIcon } from '../../shared/page/platform-icon.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { EmptyState } from '../../shared/page/states.tsx';
import { Tabs } from '../../shared/page/tabs.tsx';
import { PresenceLabel } from '../../shared/presence/presence-label.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { AttentionList } from './device/attention-list.tsx';
import { DeviceActions } from './device/device-actions.tsx';
import { DeviceTags } from './device/device-tags.tsx';
import { IdleHours } from './device/idle-hours.tsx';
import { KeyCopyNotices } from './device/key-copy-notices.tsx';
import { TwinNotices } from './device/twin-notices.tsx';
import classes from './device-page.module.css';
import { useDevice } from './use-device.ts';

export function DevicePage() {
  const { t } = useTranslation(['device', 'directory']);
  const { deviceId } = useParams({ from: '/console/devices/$deviceId' });
  const query = useDevice(deviceId);
  const notes = useNotes(deviceId);
  const maySeeCommands = usePermission('commands:read');
  const maySeeLogs = usePermission('logs:read');
  const maySeeAudit = usePermission('audit:read');
  if (query.data === undefined && query.error instanceof ApiError && query.error.status === 404) {
    return (
      <EmptyState
        icon={<IconDeviceDesktopOff size={28} stroke={1.5} />}
        isPage
        title={t('notFoundTitle')}
        text={t('notFoundText')}
        action={
          <Button
            variant="default"
            renderRoot={(props: Record<string, unknown>) => <Link to="/directory" {...props} />}
          >
            {t('toDirectory')}
          </Button>
        }
      />
    );
  }
  return (
    <QueryView query={query} isPage>
      {(details) => {
        const { device } = details;
        return (
          <Page
            layout="wide"
            title={device.name}
            heading={
              <div className={classes.facts}>
                <PresenceLabel presence={device.presence} detail="full" />
                <IdleHours device={device} />
                <span className={classes.fact}>
                  <PlatformIcon platform={device.platform} size={16} />
                  {device.system}
                </span>
                <Link to="/directory" search={{ group: device.groupId }} className={classes.group}>
                  {device.groupPath.length === 0 ? t('directory:allDevices') : device.groupPath.join(' / ')}
                </Link>
                {device.address === '' ? null : (
                  <CopyValue value={device.address} what={t('connection.address')} />
                )}
                <DeviceTags device={device} />
              </div>
            }
            actions={<DeviceActions details={details} />}
          >
            <KeyCopyNotices device={device} />
            <TwinNotices device={device} />
            <AttentionList details={details} />
            <Tabs
              label={t('tabs.label')}
              tabs={[
                {
                  id: 'overview',
                  text: t('tabs.overview'),
                  link: { to: '/devices/$deviceId', params: { deviceId } },
                  isExact: true,
                },
                {
                  id: 'connection',
                  text: t('tabs.connection'),
                  link: { to: '/devices/$deviceId/connection', params: { deviceId } },
                },
                {
                  id: 'components',
                  text: t('tabs.components'),
                  link: { to: '/devices/$deviceId/components', params: { deviceId } },
                },
                {
                  id: 'notes',
                  text:
                    notes.data === undefined || notes.data.length === 0
                      ? t('tabs.notes')
                      : t('tabs.notesCount', { count: notes.data.length }),
                  link: { to: '/devices/$deviceId/notes', params: { deviceId } },
                },
                ...(maySeeCommands
                  ? [
                      {
                        id: 'commands',
                        text: t('tabs.commands'),
                        link: { to: '/devices/$deviceId/commands', params: { deviceId } } as const,
                      },
                    ]
                  : []),
                ...(maySeeLogs
                  ? [
                      {
                        id: 'logs',
                        text: t('tabs.logs'),
                        link: { to: '/devices/$deviceId/logs', params: { deviceId } } as const,
                      },
                    ]
                  : []),
                ...(maySeeAudit
                  ? [
                      {
                        id: 'audit',
                        text: t('tabs.audit'),
                        link: { to: '/devices/$deviceId/audit', params: { deviceId } } as const,
                      },
                    ]
                  : []),
              ]}
            />
            <Outlet />
          </Page>
        );
      }}
    </QueryView>
  );
}
