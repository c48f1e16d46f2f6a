import { listDevices } from '@holdfast/api';
import { useMantineColorScheme } from '@mantine/core';
import {
  IconBrightness,
  IconFolder,
  IconLock,
  IconLogout,
  IconMoon,
  IconPlugConnected,
  IconSun,
  IconTerminal2,
} from '../../shared/icons/icons.ts';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { groupPathText } from '../../shared/groups/group-path.ts';
import { groupsQuery } from '../../shared/groups/groups-query.ts';
import { PlatformIcon } from '../../shared/page/platform-icon.tsx';
import { useSession } from '../../shared/session/session-context.ts';
import { matchesWords } from './match-words.ts';
import { useOfferedPages } from './use-offered-pages.ts';
import { useSignOut } from './use-sign-out.ts';

export interface PaletteEntry {
  readonly id: string;
  readonly section: 'devices' | 'groups' | 'pages' | 'actions';
  readonly text: string;
  readonly detail?: string | undefined;
  readonly icon: ReactNode;
  readonly run: () => void;
}

const maxDevices = 6;
const maxGroups = 5;

/** @param settled the query once typing has paused; devices are asked for by it */
export function usePaletteEntries(
  query: string,
  settled: string,
): { readonly entries: readonly PaletteEntry[]; readonly isSearching: boolean } {
  const api = useApi();
  const { permissions } = useSession();
  const maySee = permissions.includes('directory:read');
  const groups = useQuery({ ...groupsQuery(api), enabled: maySee }).data ?? [];
  const found = useQuery({
    queryKey: ['palette-devices', settled],
    queryFn: ({ signal }) => api.call(listDevices, { query: { search: settled, limit: maxDevices }, signal }),
    enabled: maySee && settled !== '',
    placeholderData: keepPreviousData,
  });
  const navigate = useNavigate();
  const fixed = useFixedEntries();

  const devices: PaletteEntry[] =
    query === ''
      ? []
      : (found.data?.devices ?? []).map((device) => ({
          id: device.id,
          section: 'devices',
          text: device.name,
          detail: [device.address, device.groupPath.join(' / ')].filter((part) => part !== '').join(' · '),
          icon: <PlatformIcon platform={device.platform} size={18} />,
          run: () => void navigate({ to: '/devices/$deviceId', params: { deviceId: device.id } }),
        }));
  const groupEntries: PaletteEntry[] =
    query === ''
      ? []
      : groups
          .filter((group) => matchesWords(groupPathText(group), query))
          .slice(0, maxGroups)
          .map((group) => ({
            id: group.id,
            section: 'groups',
            text: groupPathText(group),
            icon: <IconFolder size={18} stroke={1.75} />,
            run: () => void navigate({ to: '/directory', search: { group: group.id } }),
          }));
  return {
    entries: [...devices, ...groupEntries, ...fixed.filter((entry) => matchesWords(entry.text, query))],
    isSearching: query !== '' && maySee && (settled !== query || found.isFetching),
  };
}

function useFixedEntries(): readonly PaletteEntry[] {
  const { t } = useTranslation('shell');
  const { permissions } = useSession();
  const navigate = useNavigate();
  const openDialog = useDialogs();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();
  const pages = useOfferedPages('day', 'administration', 'search').map<PaletteEntry>(
    ({ to, text, icon: Icon }) => ({
      id: `page${to.replaceAll('/', '-')}`,
      section: 'pages',
      text: t(text),
      icon: <Icon size={18} stroke={1.75} />,
      run: () => void navigate({ to }),
    }),
  );
  const action = (id: string, text: string, icon: ReactNode, run: () => void): PaletteEntry => ({
    id,
    section: 'actions',
    text,
    icon,
    run,
  });
  return [
    ...pages,
    ...(permissions.includes('commands:issue')
      ? [
          action('issue-command', t('palette.issueCommand'), <IconTerminal2 size={18} stroke={1.75} />, () =>
            openDialog({ kind: 'issue-command', aim: undefined }),
          ),
        ]
      : []),
    ...(permissions.includes('enrolment-tokens:manage')
      ? [
          action(
            'create-token',
            t('palette.createToken'),
            <IconPlugConnected size={18} stroke={1.75} />,
            () => openDialog({ kind: 'create-token' }),
          ),
        ]
      : []),
    action('change-password', t('palette.changePassword'), <IconLock size={18} stroke={1.75} />, () =>
      openDialog({ kind: 'change-password' }),
    ),
    action('theme-light', t('palette.themeLight'), <IconSun size={18} stroke={1.75} />, () =>
      setColorScheme('light'),
    ),
    action('theme-dark', t('palette.themeDark'), <IconMoon size={18} stroke={1.75} />, () =>
      setColorScheme('dark'),
    ),
    action('theme-auto', t('palette.themeAuto'), <IconBrightness size={18} stroke={1.75} />, () =>
      setColorScheme('auto'),
    ),
    action('sign-out', t('palette.signOut'), <IconLogout size={18} stroke={1.75} />, signOut),
  ];
}
