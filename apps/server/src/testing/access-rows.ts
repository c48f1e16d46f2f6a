import * as contract from '@holdfast/api';
import type { LightMyRequestResponse } from 'fastify';
import { type AccessRow, UNKNOWN_ID } from './access-row.ts';
import { accountRows } from './account-rows.ts';
import type { CallerHeaders } from './test-callers.ts';
import type { World } from './test-matrix-world.ts';
import type { TestServer } from './test-server.ts';

export type { AccessRow } from './access-row.ts';

const inheritAll = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
};
const communication = { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 };
const plan = { planToken: 'stale' };
const ofWebhook = { webhookId: UNKNOWN_ID };
const webhook = {
  name: 'x',
  url: 'https://example.org/',
  events: [],
  groupId: null,
  allowsPrivate: false,
};
const ofSource = { sourceId: UNKNOWN_ID };
const source = {
  name: 'x',
  kind: 'folder',
  address: 'no whole path',
  proxy: null,
  userName: null,
  proxyUserName: null,
};
const ofPlan = { planId: UNKNOWN_ID };
const stage = { delayMinutes: 0, startTime: null, successPercent: 90, failurePercent: null };
const ofSavedView = ({ savedViewId }: World) => ({ savedViewId });
const ofGroup = (world: World) => ({ groupId: world.groupId });

/** What every route of the contract answers to whom. Loosening a route is a change of this table. */
export const accessRows: readonly AccessRow[] = [
  ...accountRows,
  { route: contract.getSettings, elsewhere: 'wide' },
  { route: contract.getServerAddresses, elsewhere: 'wide' },
  {
    route: contract.updateServerAddresses,
    parts: () => ({ body: { revision: 99, addresses: [] } }),
    allowed: 409,
    elsewhere: 'wide',
  },
  {
    route: contract.updateCommunicationSettings,
    parts: () => ({ body: { revision: 99, communication } }),
    allowed: 409,
    elsewhere: 'wide',
  },
  { route: contract.getLogSettings, elsewhere: 'wide' },
  {
    route: contract.updateLogSettings,
    parts: () => ({ body: { revision: 99, logs: { retentionDays: 30 } } }),
    allowed: 409,
    elsewhere: 'wide',
  },
  { route: contract.getSystemState, elsewhere: 'wide' },
  { route: contract.listJobs, elsewhere: 'wide' },
  {
    route: contract.getJob,
    parts: (world) => ({ params: { jobId: world.waitingJobId } }),
    elsewhere: 'wide',
  },
  {
    route: contract.cancelJob,
    parts: (world) => ({ params: { jobId: world.waitingJobId } }),
    elsewhere: 'wide',
  },
  {
    route: contract.retryJob,
    parts: (world) => ({ params: { jobId: world.deadJobId } }),
    elsewhere: 'wide',
  },
  {
    route: contract.removeJob,
    parts: (world) => ({ params: { jobId: world.deadJobId } }),
    elsewhere: 'wide',
  },
  { route: contract.listJobSchedules, elsewhere: 'wide' },
  {
    route: contract.runJobSchedule,
    parts: () => ({ params: { kind: 'prune' } }),
    elsewhere: 'wide',
  },
  {
    route: contract.setJobScheduleState,
    parts: () => ({ params: { kind: 'prune' }, body: { state: 'paused' } }),
    elsewhere: 'wide',
  },
  { route: contract.listEventTypes, elsewhere: 'wide' },
  { route: contract.listEventSubscribers, elsewhere: 'wide' },
  { route: contract.listComponents, elsewhere: 'wide' },
  {
    route: contract.getComponent,
    parts: () => ({ params: { componentId: 'virus-patterns' } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  {
    route: contract.listDeviceComponents,
    parts: (world) => ({ params: { deviceId: world.deviceId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listComponentSources, elsewhere: 'wide' },
  {
    route: contract.createComponentSource,
    parts: () => ({ body: source }),
    allowed: 422,
    elsewhere: 'wide',
  },
  {
    route: contract.changeComponentSource,
    parts: () => ({ params: ofSource, body: { revision: 1, name: 'y' } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  ...[contract.removeComponentSource, contract.lookAtComponentSource, contract.makeComponentSourceKey].map(
    (route): AccessRow => ({
      route,
      parts: () => ({ params: ofSource }),
      allowed: 404,
      elsewhere: 'wide',
    }),
  ),
  {
    route: contract.trustComponentSource,
    parts: () => ({ params: ofSource, body: { fingerprint: '0'.repeat(64) } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  { route: contract.getComponentRates, elsewhere: 'wide' },
  {
    route: contract.setComponentRates,
    parts: () => ({ body: { allPerSecond: null, eachPerSecond: null, revision: 99 } }),
    allowed: 409,
    elsewhere: 'wide',
  },
  { route: contract.getComponentSchedule, elsewhere: 'wide' },
  {
    route: contract.setComponentSchedule,
    parts: () => ({
      body: { isEnabled: true, everyMinutes: 60, startTime: null, hours: null, revision: 99 },
    }),
    allowed: 409,
    elsewhere: 'wide',
  },
  { route: contract.listComponentPlans, elsewhere: 'wide' },
  {
    route: contract.createComponentPlan,
    parts: () => ({ body: { name: 'x', stages: [{ ...stage, groupId: UNKNOWN_ID }] } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  {
    route: contract.changeComponentPlan,
    parts: () => ({ params: ofPlan, body: { revision: 1, name: 'y' } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  {
    route: contract.removeComponentPlan,
    parts: () => ({ params: ofPlan }),
    allowed: 404,
    elsewhere: 'wide',
  },
  { route: contract.listComponentDeployments, elsewhere: 'wide' },
  {
    route: contract.setComponentDeployment,
    parts: () => ({ params: { componentId: 'unknown' }, body: { mode: 'never', planId: null } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  { route: contract.listComponentRollouts, elsewhere: 'wide' },
  ...[contract.resumeComponentRollout, contract.completeComponentRollout].map(
    (route): AccessRow => ({
      route,
      parts: () => ({ params: { rolloutId: UNKNOWN_ID } }),
      allowed: 404,
      elsewhere: 'wide',
    }),
  ),
  { route: contract.listComponentDownloads, elsewhere: 'wide' },
  { route: contract.startComponentDownload, allowed: 409, elsewhere: 'wide' },
  { route: contract.listWebhooks, elsewhere: 'wide' },
  {
    route: contract.createWebhook,
    parts: () => ({ body: { ...webhook, events: ['nothing.happened'] } }),
    allowed: 422,
    elsewhere: 'wide',
  },
  ...[
    contract.getWebhook,
    contract.removeWebhook,
    contract.pauseWebhook,
    contract.rotateWebhookSecret,
    contract.testWebhook,
    contract.listWebhookDeliveries,
  ].map(
    (route): AccessRow => ({ route, parts: () => ({ params: ofWebhook }), allowed: 404, elsewhere: 'wide' }),
  ),
  {
    route: contract.updateWebhook,
    parts: () => ({ params: ofWebhook, body: { revision: 1 } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  {
    route: contract.resumeWebhook,
    parts: () => ({ params: ofWebhook, body: {} }),
    allowed: 404,
    elsewhere: 'wide',
  },
  {
    route: contract.getWebhookMessage,
    parts: () => ({ params: { ...ofWebhook, deliveryId: UNKNOWN_ID } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  {
    route: contract.repeatWebhookDelivery,
    parts: () => ({ params: { ...ofWebhook, deliveryId: UNKNOWN_ID } }),
    allowed: 404,
    elsewhere: 'wide',
  },
  // What lies in groups
  {
    route: contract.listAuditEntries,
    parts: (world) => ({ query: { search: world.groupId } }),
    elsewhere: 'filtered',
  },
  { route: contract.listGroups, elsewhere: 'filtered' },
  {
    route: contract.createGroup,
    parts: (world) => ({ body: { parentId: world.groupId, name: 'Below' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.getGroupCommunication,
    parts: (world) => ({ params: ofGroup(world) }),
    elsewhere: 'hidden',
  },
  {
    route: contract.updateGroupCommunication,
    parts: (world) => ({ params: ofGroup(world), body: { revision: 99, own: inheritAll } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  {
    route: contract.renameGroup,
    parts: (world) => ({ params: ofGroup(world), body: { name: 'Renamed', revision: 99 } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  {
    route: contract.planGroupMove,
    parts: (world) => ({ params: { groupId: world.innerGroupId }, body: { parentId: world.innerTargetId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.moveGroup,
    parts: (world) => ({
      params: { groupId: world.innerGroupId },
      body: { parentId: world.innerTargetId, ...plan },
    }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  { route: contract.planGroupRemoval, parts: (world) => ({ params: ofGroup(world) }), elsewhere: 'hidden' },
  {
    route: contract.removeGroup,
    parts: (world) => ({ params: ofGroup(world), body: plan }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  { route: contract.getDirectorySummary, parts: (world) => ({ query: ofGroup(world) }), elsewhere: 'hidden' },
  { route: contract.listDevices, elsewhere: 'filtered' },
  {
    route: contract.listDeviceValues,
    parts: (world) => ({ query: { field: 'platform', ...ofGroup(world) } }),
    elsewhere: 'hidden',
  },
  { route: contract.exportDevices, parts: () => ({ query: { format: 'json' } }), elsewhere: 'filtered' },
  {
    route: contract.getDevice,
    parts: (world) => ({ params: { deviceId: world.deviceId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.renameDevice,
    parts: (world) => ({ params: { deviceId: world.deviceId }, body: { name: 'Renamed' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.setDeviceFields,
    parts: (world) => ({
      params: { deviceId: world.deviceId },
      body: Object.fromEntries(contract.setFields.map((name) => [name, 'x'])),
    }),
    elsewhere: 'hidden',
  },
  {
    route: contract.planDeviceMove,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], groupId: world.innerGroupId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.moveDevices,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], groupId: world.innerGroupId, ...plan } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  {
    route: contract.setProductState,
    parts: (world) => ({ params: { productNumber: world.productNumber }, body: { state: 'disabled' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.removeDevice,
    parts: (world) => ({ params: { deviceId: world.deviceId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.planDeviceRemoval,
    parts: (world) => ({ body: { deviceIds: [world.deviceId] } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.removeDevices,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], ...plan } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  {
    route: contract.planDeviceAdmission,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], state: 'disabled' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.setDeviceAdmission,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], state: 'disabled', ...plan } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  { route: contract.listTags, elsewhere: 'filtered' },
  {
    route: contract.createTag,
    parts: (world) => ({ body: { name: world.tagName } }),
    allowed: 409,
    elsewhere: 'whole',
  },
  {
    route: contract.changeTag,
    parts: (world) => ({ params: { tagId: world.tagId }, body: { revision: 99 } }),
    allowed: 409,
    elsewhere: 'whole',
  },
  {
    route: contract.planTagRemoval,
    parts: (world) => ({ params: { tagId: world.tagId } }),
    elsewhere: 'whole',
  },
  {
    route: contract.removeTag,
    parts: (world) => ({ params: { tagId: world.tagId }, body: plan }),
    allowed: 409,
    elsewhere: 'whole',
  },
  {
    route: contract.restoreTag,
    parts: (world) => ({ params: { tagId: world.tagId } }),
    allowed: 404,
    elsewhere: 'whole',
  },
  {
    route: contract.planDeviceTags,
    parts: (world) => ({ body: { targets: { deviceIds: [world.deviceId] }, add: [], remove: [] } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.changeDeviceTags,
    parts: (world) => ({
      body: { targets: { deviceIds: [world.deviceId] }, add: [], remove: [world.tagName] },
    }),
    elsewhere: 'hidden',
  },
  {
    route: contract.undoTagChange,
    parts: (world) => ({ params: { changeId: world.tagChangeId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.listNotes,
    parts: (world) => ({ params: { deviceId: world.deviceId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listSavedViews, elsewhere: 'harmless' },
  {
    route: contract.createSavedView,
    parts: (world) => ({ body: { name: 'x', content: { filter: ofGroup(world) } } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.changeSavedView,
    parts: (world) => ({ params: ofSavedView(world), body: { revision: 1 } }),
    allowed: 404,
    elsewhere: 'hidden',
  },
  {
    route: contract.removeSavedView,
    // It is somebody else's.
    parts: (world) => ({ params: ofSavedView(world) }),
    allowed: 404,
    elsewhere: 'hidden',
  },
  {
    route: contract.withdrawSavedView,
    parts: (world) => ({ params: ofSavedView(world) }),
    elsewhere: 'whole',
  },
  {
    route: contract.addNote,
    parts: (world) => ({ params: { deviceId: world.deviceId }, body: { text: 'x' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.changeNote,
    parts: (world) => ({ params: { noteId: world.noteId }, body: { text: 'x', revision: 99 } }),
    allowed: 409,
    elsewhere: 'hidden',
    also: ['directory:edit'],
  },
  {
    route: contract.removeNote,
    parts: (world) => ({ params: { noteId: world.noteId } }),
    elsewhere: 'hidden',
    also: ['directory:edit'],
  },
  {
    route: contract.restoreNote,
    parts: (world) => ({ params: { noteId: world.removedNoteId } }),
    elsewhere: 'hidden',
    also: ['directory:edit'],
  },
  { route: contract.listRecycleBin, elsewhere: 'filtered' },
  {
    route: contract.restoreManyRecycled,
    parts: (world) => ({ body: { itemIds: [world.recycledItemId] } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.restoreRecycled,
    parts: (world) => ({ params: { itemId: world.recycledItemId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.purgeRecycled,
    parts: (world) => ({ params: { itemId: world.recycledItemId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listEnrolmentTokens, elsewhere: 'filtered' },
  {
    route: contract.createEnrolmentToken,
    parts: (world) => ({
      body: { name: 'x', groupId: world.groupId, maxUses: 1, expiresInMs: 60_000, isApprovalNeeded: false },
    }),
    elsewhere: 'hidden',
  },
  {
    route: contract.revokeEnrolmentToken,
    parts: (world) => ({ params: { tokenId: world.tokenId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.listTokenArrivals,
    parts: (world) => ({ params: { tokenId: world.tokenId } }),
    elsewhere: 'hidden',
  },
  { route: contract.getAgentInstallation, elsewhere: 'harmless' },
  { route: contract.listWaitingRegistrations, elsewhere: 'filtered' },
  {
    route: contract.admitRegistration,
    parts: (world) => ({ params: { registrationId: world.waitingId }, body: {} }),
    elsewhere: 'hidden',
  },
  {
    route: contract.refuseRegistration,
    parts: (world) => ({ params: { registrationId: world.waitingId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listCommandTypes, elsewhere: 'harmless' },
  {
    route: contract.planCommand,
    parts: (world) => ({ body: { targets: { deviceIds: [world.deviceId] } } }),
    elsewhere: 'hidden',
    also: ['directory:read'],
  },
  {
    route: contract.issueCommand,
    parts: (world) => ({ body: { type: 'collect-inventory', targets: { deviceIds: [world.deviceId] } } }),
    elsewhere: 'hidden',
    also: ['directory:read'],
  },
  { route: contract.listCommands, elsewhere: 'filtered' },
  { route: contract.listCommandIssuers, elsewhere: 'filtered' },
  {
    route: contract.getCommand,
    parts: (world) => ({ params: { commandId: world.commandId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.listCommandTargets,
    parts: (world) => ({ params: { commandId: world.commandId }, query: {} }),
    elsewhere: 'hidden',
  },
  {
    route: contract.cancelCommand,
    parts: (world) => ({ params: { commandId: world.commandId } }),
    elsewhere: 'hidden',
  },
  // Nothing of the command has ended, so whoever may is told that there is nothing to try again.
  {
    route: contract.retryCommand,
    parts: (world) => ({ params: { commandId: world.commandId }, body: {} }),
    elsewhere: 'hidden',
    allowed: 422,
    // It tells the names of the devices.
    also: ['directory:read'],
  },
  { route: contract.listLogEntries, elsewhere: 'filtered' },
  { route: contract.streamEvents, elsewhere: 'harmless', asKey: 200 },
];

/** Whether whoever may call the route has changed the world with it. */
export function isChanging({ route, allowed = route.status }: AccessRow): boolean {
  return route.method !== 'GET' && allowed < 400 && !route.name.startsWith('plan');
}

/** Calls the route of a row about the objects of a world. */
export async function sendRow(
  server: TestServer,
  row: AccessRow,
  world: World,
  headers: CallerHeaders,
): Promise<LightMyRequestResponse> {
  const parts = row.parts?.(world) ?? {};
  const url = contract.targetOf(
    row.route,
    parts.params as Record<string, unknown>,
    parts.query as Record<string, unknown>,
  );
  const request = {
    method: row.route.method,
    url,
    ...(parts.body === undefined ? {} : { payload: parts.body as object }),
  } as const;
  if (row.route.name !== contract.streamEvents.name) return await server.call(request, headers);
  // A stream that opens never ends by itself: its head is the answer.
  const answer = await server.call({ ...request, payloadAsStream: true }, headers);
  answer.stream().destroy();
  return answer;
}
