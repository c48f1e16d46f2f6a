import type { getComponent, ResponseOf, Webhook } from '@holdfast/api';
import { IconChevronRight } from '../../shared/icons/icons.ts';
import { type QueryKey, useQuery } from '@tanstack/react-query';
import { Link, useMatches } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { commandQuery } from '../../features/commands/api/command-query.ts';
import { componentKey } from '../../features/components/api/component-key.ts';
import { webhookKey } from '../../features/webhooks/api/webhook-key.ts';
import { deviceQuery } from '../../shared/devices/device-query.ts';
import { groupPathText } from '../../shared/groups/group-path.ts';
import { groupsQuery } from '../../shared/groups/groups-query.ts';
import classes from './top-bar.module.css';

export function Breadcrumb() {
  const { t } = useTranslation('shell');
  const match = useMatches().findLast((candidate) => candidate.staticData.crumb !== undefined);
  const crumb = match?.staticData.crumb;
  const parent = match?.staticData.parent;
  if (match === undefined || crumb === undefined) return <div className={classes.breadcrumb} />;
  const params: Readonly<Record<string, string | undefined>> = match.params;
  return (
    <nav className={classes.breadcrumb} aria-label={t('breadcrumb')}>
      <ol>
        {match.staticData.area === undefined ? null : (
          <li>
            <span>{t(match.staticData.area)}</span>
            <IconChevronRight size={14} aria-hidden="true" />
          </li>
        )}
        {parent === undefined ? null : (
          <li>
            {parent.to === undefined ? (
              <span>{t(parent.crumb)}</span>
            ) : (
              <Link to={parent.to}>{t(parent.crumb)}</Link>
            )}
            <IconChevronRight size={14} aria-hidden="true" />
          </li>
        )}
        {match.staticData.isOfGroup === true ? <GroupCrumb groupId={params['groupId'] ?? ''} /> : null}
        <li aria-current="page">
          {crumb === 'device' ? (
            <DeviceCrumb deviceId={params['deviceId'] ?? ''} />
          ) : crumb === 'command' ? (
            <CommandCrumb commandId={params['commandId'] ?? ''} />
          ) : crumb === 'component' ? (
            <ComponentCrumb componentId={params['componentId'] ?? ''} />
          ) : crumb === 'webhook' ? (
            <WebhookCrumb webhookId={params['webhookId'] ?? ''} />
          ) : (
            t(crumb)
          )}
        </li>
      </ol>
    </nav>
  );
}

interface GroupCrumbProps {
  readonly groupId: string;
}

function GroupCrumb({ groupId }: GroupCrumbProps) {
  const group = useQuery(groupsQuery(useApi())).data?.find(({ id }) => id === groupId);
  return (
    <li>
      <Link to="/directory" search={{ group: groupId }}>
        {group === undefined ? '…' : groupPathText(group)}
      </Link>
      <IconChevronRight size={14} aria-hidden="true" />
    </li>
  );
}

interface DeviceCrumbProps {
  readonly deviceId: string;
}

function DeviceCrumb({ deviceId }: DeviceCrumbProps) {
  return useQuery(deviceQuery(useApi(), deviceId)).data?.device.name ?? '…';
}

interface WebhookCrumbProps {
  readonly webhookId: string;
}

function WebhookCrumb({ webhookId }: WebhookCrumbProps) {
  return useFetched<Webhook>(webhookKey(webhookId))?.name ?? '…';
}

interface ComponentCrumbProps {
  readonly componentId: string;
}

function ComponentCrumb({ componentId }: ComponentCrumbProps) {
  const fetched = useFetched<ResponseOf<typeof getComponent>>(componentKey(componentId));
  return fetched?.component.title ?? '…';
}

/** What the page itself asks for: the breadcrumb of every page would bring the calls of all of them with it otherwise. */
function useFetched<Data>(queryKey: QueryKey): Data | undefined {
  return useQuery<Data>({ queryKey, enabled: false }).data;
}

interface CommandCrumbProps {
  readonly commandId: string;
}

function CommandCrumb({ commandId }: CommandCrumbProps) {
  return useQuery(commandQuery(useApi(), commandId)).data?.title ?? '…';
}
