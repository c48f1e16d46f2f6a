import type { Group } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { IconChevronDown } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useDialogs } from '../../shared/dialogs/dialog-request.ts';
import { SidePanel } from '../../shared/dialogs/side-panel.tsx';
import { groupPathText } from '../../shared/groups/group-path.ts';
import { findTopGroup } from '../../shared/groups/group-tree.ts';
import { groupsQuery } from '../../shared/groups/groups-query.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { usePermission } from '../../shared/session/session-context.ts';
import { DeviceListView } from './components/device-list-view.tsx';
import { GroupPane } from './components/group-pane.tsx';
import { WaitingBanner } from './components/waiting-banner.tsx';
import classes from './directory-page.module.css';
import type { DirectorySearch } from './directory-search.ts';

export function DirectoryPage() {
  const { t } = useTranslation('directory');
  const search = useSearch({ from: '/console/directory' });
  const navigate = useNavigate();
  const openDialog = useDialogs();
  const mayEnrol = usePermission('enrolment-tokens:manage');
  const isNarrow = useMediaQuery('(max-width: 62em)') ?? false;
  const [isPaneOpen, pane] = useDisclosure(false);
  const groups = useQuery(groupsQuery(useApi()));

  const go = (next: DirectorySearch): void => void navigate({ to: '/directory', search: next });
  const selectGroup = (groupId: string | undefined): void => {
    const top = findTopGroup(groups.data ?? []);
    const { group: _group, ...rest } = search;
    pane.close();
    go(groupId === undefined || groupId === top?.id ? rest : { ...rest, group: groupId });
  };

  return (
    <QueryView query={groups} isPage>
      {(known) => {
        const selected = selectedGroup(known, search.group);
        const isWhole = selected === undefined || selected.parentId === null;
        const title = isWhole ? t('allDevices') : selected.name;
        const tree = <GroupPane groups={known} selected={selected} onSelect={selectGroup} />;
        return (
          <div className={classes.directory}>
            {isNarrow ? (
              <SidePanel
                title={t('groups.title')}
                isOpen={isPaneOpen}
                side="left"
                size={300}
                onClose={pane.close}
                isBare
              >
                {tree}
              </SidePanel>
            ) : (
              <div className={classes.side}>{tree}</div>
            )}
            <div className={classes.list}>
              <Page
                layout="fill"
                title={title}
                description={isWhole || selected.path.length < 2 ? undefined : groupPathText(selected)}
                actions={
                  <>
                    {isNarrow ? (
                      <Button
                        variant="default"
                        rightSection={<IconChevronDown size={16} />}
                        onClick={pane.open}
                      >
                        {t('groups.title')}
                      </Button>
                    ) : null}
                    {mayEnrol ? (
                      <Button onClick={() => openDialog({ kind: 'create-token', groupId: search.group })}>
                        {t('list.enrol')}
                      </Button>
                    ) : null}
                  </>
                }
              >
                <WaitingBanner />
                <DeviceListView key={search.group ?? ''} search={search} onChange={go} />
              </Page>
            </div>
          </div>
        );
      }}
    </QueryView>
  );
}

function selectedGroup(groups: readonly Group[], groupId: string | undefined): Group | undefined {
  return groups.find((group) => group.id === groupId) ?? findTopGroup(groups);
}
