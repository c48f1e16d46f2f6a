import {
  type Component,
  type ComponentDeployment,
  type ComponentDownload,
  type ComponentPlan,
  type ComponentRepository,
  type ComponentRollout,
  type ComponentSchedule,
  type ComponentSource,
  describeSchedule,
  type DeviceComponent,
  type getComponent,
  type Group,
  type OfferedRoot,
  type PlanStage,
  type ResponseOf,
  type RolloutStage,
} from '@holdfast/api';
import { formatDuration } from '../output/duration.ts';
import { formatFacts, formatTable } from '../output/table.ts';
import { formatBytes } from './device-text.ts';
import { formatGroupPath } from './lookup.ts';

const MINUTE_MS = 60_000;

export function formatComponents(rows: readonly Component[]): string {
  const count = (value: (row: Component) => number) => (row: Component) => String(value(row));
  return formatTable(
    [
      { title: 'component', value: (row) => row.id },
      { title: 'title', value: (row) => row.title },
      { title: 'kind', value: (row) => row.kind },
      { title: 'newest', value: (row) => (row.isUrgent ? `${row.version} (urgent)` : row.version) },
      { title: 'arrived', value: (row) => row.arrivedAt },
      { title: 'up to date', value: count(({ devices }) => devices.upToDate), alignment: 'right' },
      { title: 'behind', value: count(({ devices }) => devices.behind), alignment: 'right' },
      { title: 'failed', value: count(({ devices }) => devices.failed), alignment: 'right' },
      { title: '', value: (row) => (row.isOffered ? '' : 'not offered any more') },
    ],
    rows,
  );
}

export function formatComponent({ component, releases }: ResponseOf<typeof getComponent>): string {
  const { id, title, kind, platforms, handler, devices, isOffered } = component;
  const facts = formatFacts([
    ['Component', id],
    ['Title', title],
    ['Kind', kind],
    ['For', platforms.join(', ')],
    ['Handler', handler],
    ['Devices', `${devices.upToDate} up to date, ${devices.behind} behind, ${devices.failed} failed`],
    ['Offered', isOffered ? undefined : 'not any more'],
  ]);
  const table = formatTable(
    [
      { title: 'release', value: (row) => String(row.release), alignment: 'right' },
      { title: 'version', value: (row) => (row.isUrgent ? `${row.version} (urgent)` : row.version) },
      { title: 'arrived', value: (row) => row.arrivedAt },
      { title: 'devices', value: (row) => String(row.deviceCount), alignment: 'right' },
      { title: 'full', value: (row) => formatBytes(row.fullBytes), alignment: 'right' },
      {
        title: 'increments',
        value: (row) => row.increments.map(({ from, bytes }) => `${from}: ${formatBytes(bytes)}`).join(', '),
      },
    ],
    releases,
  );
  return `${facts}\n${table}`;
}

export function formatDeviceComponents(rows: readonly DeviceComponent[]): string {
  return formatTable(
    [
      { title: 'component', value: (row) => row.componentId },
      { title: 'title', value: (row) => row.title },
      {
        title: 'version',
        value: (row) => row.version ?? (row.release === null ? 'none' : `release ${row.release}`),
      },
      { title: 'state', value: (row) => row.state },
      {
        title: 'behind by',
        value: (row) => (row.behindBy === 0 ? '' : String(row.behindBy)),
        alignment: 'right',
      },
      { title: 'since', value: (row) => row.changedAt },
      {
        title: 'why',
        value: ({ code, reason }) => [code, reason].filter((text) => text !== null).join(': '),
      },
    ],
    rows,
  );
}

export function formatSources(rows: readonly ComponentSource[]): string {
  return formatTable(
    [
      { title: 'name', value: (row) => row.name },
      { title: 'kind', value: (row) => row.kind },
      { title: 'address', value: (row) => row.address },
      { title: 'user', value: (row) => row.userName ?? '' },
      { title: 'proxy', value: (row) => row.proxy ?? '' },
      { title: 'id', value: (row) => row.id },
    ],
    rows,
  );
}

export function formatSource(source: ComponentSource): string {
  const { name, address, userName, hasPassword, proxy, proxyUserName, hasProxyPassword, id } = source;
  const as = (user: string | null, isSealed: boolean): string | undefined =>
    user === null ? undefined : `${user}${isSealed ? ', with a password' : ', without a password'}`;
  return formatFacts([
    ['Source', name],
    ['Address', address],
    ['As', as(userName, hasPassword)],
    ['Proxy', proxy ?? undefined],
    ['As, there', as(proxyUserName, hasProxyPassword)],
    ['Id', id],
  ]);
}

export function formatRoot({ fingerprint, version, expiresAt, roles }: OfferedRoot): string {
  return formatFacts([
    ['Fingerprint', fingerprint],
    ['Version', String(version)],
    ['Good until', expiresAt],
    ...roles.map(
      ({ role, keyCount, threshold }) =>
        [`Keys for ${role}`, `${threshold} of ${keyCount} have to sign`] as const,
    ),
  ]);
}

export function formatRepository(repository: ComponentRepository): string {
  const { fingerprint, trustedAt, trustedBy, expiresAt } = repository;
  return formatFacts([
    ['Fingerprint', fingerprint],
    ['Trusted', `${trustedAt} by ${trustedBy}`],
    ['Metadata end', expiresAt ?? 'nothing has been downloaded yet'],
  ]);
}

export function formatDownloads(rows: readonly ComponentDownload[]): string {
  return formatTable(
    [
      { title: 'asked for', value: (row) => row.requestedAt },
      { title: 'by', value: (row) => row.requestedBy },
      { title: 'state', value: stateOf },
      { title: 'loaded', value: (row) => formatBytes(row.doneBytes), alignment: 'right' },
      { title: 'new releases', value: (row) => String(row.newReleases), alignment: 'right' },
      { title: 'source', value: (row) => row.sourceName ?? '' },
      { title: 'error', value: (row) => row.error ?? '' },
    ],
    rows,
  );
}

export function formatDownload(download: ComponentDownload): string {
  const { doneBytes, newReleases, sourceName, error, errorCode, endedAt } = download;
  return formatFacts([
    ['State', stateOf(download)],
    ['Source', sourceName ?? undefined],
    ['Loaded', formatBytes(doneBytes)],
    ['New releases', download.state === 'succeeded' ? String(newReleases) : undefined],
    ['Error', error === null ? undefined : `${errorCode ?? ''}: ${error}`],
    ['Ended', endedAt ?? undefined],
  ]);
}

function stateOf({ state, error }: ComponentDownload): string {
  return state === 'waiting' && error !== null ? 'is tried again' : state;
}

export function formatSchedule(schedule: ComponentSchedule): string {
  const { isEnabled, everyMinutes, startTime, hours, lastAt } = schedule;
  return formatFacts([
    ['Scheduled', isEnabled ? 'on' : 'off'],
    ['Every', formatDuration(everyMinutes * MINUTE_MS)],
    ['At', startTime ?? undefined],
    ['In hours', hours === null ? 'any' : describeSchedule(hours)],
    ['Begun last', lastAt ?? 'never'],
  ]);
}

export function formatPlans(rows: readonly ComponentPlan[]): string {
  return formatTable(
    [
      { title: 'plan', value: (row) => row.name },
      { title: 'stages', value: (row) => String(row.stages.length), alignment: 'right' },
      { title: 'id', value: (row) => row.id },
    ],
    rows,
  );
}

export function formatPlan({ name, stages, id }: ComponentPlan, groups: readonly Group[]): string {
  const groupOf = ({ groupId }: PlanStage): string => {
    const group = groups.find((one) => one.id === groupId);
    return group === undefined ? groupId : formatGroupPath(group.path);
  };
  const table = formatTable<PlanStage>(
    [
      { title: 'group', value: groupOf },
      { title: 'begins', value: beginOf },
      { title: 'next at', value: (stage) => `${stage.successPercent} %`, alignment: 'right' },
      {
        title: 'stops above',
        value: ({ failurePercent }) => (failurePercent === null ? 'never' : `${failurePercent} % failed`),
      },
    ],
    stages,
  );
  return `${formatFacts([
    ['Plan', name],
    ['Id', id],
  ])}\n${table}`;
}

function beginOf({ delayMinutes, startTime }: PlanStage): string {
  if (startTime !== null) return `at ${startTime}`;
  return delayMinutes === 0 ? 'at once' : `after ${formatDuration(delayMinutes * MINUTE_MS)}`;
}

export function formatDeployments(rows: readonly ComponentDeployment[]): string {
  return formatTable(
    [
      { title: 'component', value: (row) => row.componentId },
      { title: 'new releases', value: (row) => row.mode },
      { title: 'plan', value: (row) => row.planId ?? '' },
      {
        title: 'every device may have',
        value: ({ allowedRelease }) =>
          allowedRelease === null
            ? 'the newest'
            : allowedRelease === 0
              ? 'none yet'
              : `release ${allowedRelease}`,
      },
    ],
    rows,
  );
}

export function formatRollouts(rows: readonly ComponentRollout[]): string {
  const stageOf = ({ stages }: ComponentRollout): string => {
    const begun = stages.filter(({ begunAt }) => begunAt !== null).length;
    return `${begun} of ${stages.length}`;
  };
  return formatTable(
    [
      { title: 'component', value: (row) => row.componentId },
      { title: 'release', value: (row) => String(row.release), alignment: 'right' },
      { title: 'plan', value: (row) => row.planName },
      { title: 'state', value: (row) => row.state },
      { title: 'stages begun', value: stageOf },
      { title: 'arrived', value: (row) => row.startedAt },
      { title: 'id', value: (row) => row.id },
    ],
    rows,
  );
}

export function formatRollout(rollout: ComponentRollout): string {
  const facts = formatFacts([
    ['Component', rollout.componentTitle],
    ['Release', String(rollout.release)],
    ['Plan', rollout.planName],
    ['State', rollout.state],
    ['Arrived', rollout.startedAt],
    ['Ended', rollout.endedAt ?? undefined],
  ]);
  const table = formatTable<RolloutStage>(
    [
      { title: 'group', value: (row) => row.groupName ?? 'a group that is gone' },
      { title: 'begins', value: (row) => row.dueAt },
      { title: 'begun', value: (row) => row.begunAt ?? '' },
      { title: 'passed', value: (row) => row.passedAt ?? '' },
      { title: 'devices', value: (row) => String(row.devices), alignment: 'right' },
      { title: 'have it', value: (row) => String(row.updated), alignment: 'right' },
      { title: 'failed', value: (row) => String(row.failed), alignment: 'right' },
      {
        title: 'stops above',
        value: ({ failurePercent }) => (failurePercent === null ? 'never' : `${failurePercent} % failed`),
      },
    ],
    rollout.stages,
  );
  return `${facts}\n${table}`;
}
