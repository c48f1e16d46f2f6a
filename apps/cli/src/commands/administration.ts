import {
  admitRegistration,
  auditActionText,
  chooseServerAddress,
  inviteAdministrator,
  replaceOrigin,
  listEveryAdministrator,
  listAuditEntries,
  listSessions,
  listWaitingRegistrations,
  refuseRegistration,
  revokeSession,
  setAdministratorState,
  getServerAddresses,
  getSettings,
  updateCommunicationSettings,
  updateServerAddresses,
} from '@holdfast/api';
import type { Command } from 'commander';
import { formatDuration } from '../output/duration.ts';
import { formatFacts, formatTable } from '../output/table.ts';
import { runEntry } from '../processes/run-entry.ts';
import type { AddAction } from '../command-tools.ts';
import { addApiKeyCommands } from './api-keys.ts';
import { tellApart } from './device-text.ts';
import { readDuration, readInteger, readServerAddress, readText } from './arguments.ts';
import { formatGroupPath } from './lookup.ts';
import { addRoleCommands, chooseGrant, formatGrants } from './roles.ts';

export function addAdministrationCommands(program: Command, addAction: AddAction): void {
  const admin = program
    .command('admin')
    .description('administrators, roles, sessions, API keys, settings, audit log');
  addAction(
    admin
      .command('setup-link')
      .description('print a new one-time link for the first administrator (on the server itself)'),
    async (tools, options) =>
      runEntry(tools.context, 'setup-link', options['json'] === true ? ['--json'] : []),
  );
  addAction(
    admin
      .command('recover')
      .description('print a one-time link for an administrator who lost the password (on the server itself)')
      .argument('<name>', 'sign-in name'),
    async (tools, options, [name = '']) =>
      runEntry(tools.context, 'recovery-link', [...(options['json'] === true ? ['--json'] : []), name]),
  );
  addAccountCommands(admin, addAction);
  addRoleCommands(admin, addAction);
  addApiKeyCommands(admin, addAction);
  addWaitingCommands(admin, addAction);
  addSettingsCommands(admin, addAction);
  addAction(
    admin
      .command('audit')
      .description('the audit log, newest first')
      .option('--search <text>', 'part of a name or an action')
      .option('--limit <n>', 'how many at most', '50'),
    async ({ client, printer }, options) => {
      const search = readText(options, 'search');
      const { entries } = await (await client()).call(listAuditEntries, {
        query: { limit: readInteger(options, 'limit') ?? 50, ...(search === undefined ? {} : { search }) },
      });
      printer.result(entries, () =>
        formatTable(
          [
            { title: 'time', value: (entry) => entry.occurredAt },
            { title: 'who', value: (entry) => entry.actorName },
            { title: 'what', value: (entry) => auditActionText(entry.action) },
            { title: 'on', value: (entry) => tellApart(entry.objectName, entry.objectDistinction) },
            { title: 'from', value: (entry) => entry.remoteAddress },
          ],
          entries,
        ),
      );
    },
  );
}

function addAccountCommands(admin: Command, addAction: AddAction): void {
  addAction(admin.command('list').description('list administrators'), async ({ client, printer }) => {
    const administrators = await listEveryAdministrator(await client());
    printer.result(administrators, () =>
      formatTable(
        [
          { title: 'name', value: (row) => row.name },
          { title: 'roles', value: (row) => formatGrants(row.grants) },
          { title: 'state', value: (row) => row.state },
          { title: 'last sign-in', value: (row) => row.lastSignInAt ?? 'never' },
          { title: 'id', value: (row) => row.id },
        ],
        administrators,
      ),
    );
  });
  addAction(
    admin
      .command('invite')
      .description('invite an administrator; the link is shown once')
      .argument('<name>', 'sign-in name')
      .option('--display-name <text>', 'name for people')
      .option('--role <role>', 'name or id from `admin roles`; auditor without it')
      .option('--group <group>', 'in this group with everything in it; everywhere without it')
      .option('--address <address>', 'address of the server in the link; without it the one in use'),
    async (tools, options, [name = '']) => {
      const { printer } = tools;
      const { client, connection } = await tools.connection();
      const grant = await chooseGrant(client, readText(options, 'role'), readText(options, 'group'));
      const wanted = readServerAddress(options);
      const answer = await client.call(inviteAdministrator, {
        body: { name, displayName: readText(options, 'displayName') ?? name, grants: [grant] },
      });
      const address = wanted ?? chooseServerAddress(answer.addresses, connection.server);
      const invited = { ...answer, link: replaceOrigin(answer.link, address) };
      printer.note(
        `Give this link to ${name}, who becomes ${formatGrants(invited.administrator.grants)} with it; it works once, until ${invited.expiresAt}.`,
      );
      printer.result(invited, () => `${invited.link}\n`);
    },
  );
  for (const [verb, state] of [
    ['disable', 'disabled'],
    ['enable', 'active'],
  ] as const) {
    addAction(
      admin.command(verb).description(`${verb} an administrator`).argument('<id>', 'id from `admin list`'),
      async ({ client, printer }, _options, [administratorId = '']) => {
        const administrator = await (await client()).call(setAdministratorState, {
          params: { administratorId },
          body: { state },
        });
        printer.result(administrator, () => `${administrator.name} is ${administrator.state}.\n`);
      },
    );
  }
  addAction(admin.command('sessions').description('list all sessions'), async ({ client, printer }) => {
    const { sessions } = await (await client()).call(listSessions, { query: { everyone: true } });
    printer.result(sessions, () =>
      formatTable(
        [
          { title: 'administrator', value: (row) => row.administratorName },
          { title: 'last used', value: (row) => row.lastUsedAt },
          { title: 'from', value: (row) => row.remoteAddress },
          { title: 'id', value: (row) => row.id },
        ],
        sessions,
      ),
    );
  });
  addAction(
    admin.command('revoke-session').description('end a session').argument('<id>', 'id from `admin sessions`'),
    async ({ client, printer }, _options, [sessionId = '']) => {
      await (await client()).call(revokeSession, { params: { sessionId } });
      printer.result({ id: sessionId, state: 'ended' }, () => 'Ended.\n');
    },
  );
}

function addWaitingCommands(admin: Command, addAction: AddAction): void {
  addAction(
    admin.command('waiting').description('devices that wait to be admitted'),
    async ({ client, printer }) => {
      const { registrations } = await (await client()).call(listWaitingRegistrations, {});
      printer.result(registrations, () =>
        formatTable(
          [
            { title: 'device', value: (row) => row.deviceName },
            { title: 'waits for', value: (row) => row.kind },
            { title: 'group', value: (row) => formatGroupPath(row.groupPath) },
            { title: 'from', value: (row) => row.remoteAddress },
            { title: 'key', value: (row) => row.keyThumbprint },
            { title: 'id', value: (row) => row.id },
          ],
          registrations,
        ),
      );
    },
  );
  addAction(
    admin.command('admit').description('admit a waiting device').argument('<id>', 'id from `admin waiting`'),
    async ({ client, printer }, _options, [registrationId = '']) => {
      const admitted = await (await client()).call(admitRegistration, {
        params: { registrationId },
        body: {},
      });
      printer.result(admitted, () => `Admitted to ${formatGroupPath(admitted.groupPath)}.\n`);
    },
  );
  addAction(
    admin
      .command('refuse')
      .description('refuse a waiting device')
      .argument('<id>', 'id from `admin waiting`'),
    async ({ client, printer }, _options, [registrationId = '']) => {
      await (await client()).call(refuseRegistration, { params: { registrationId } });
      printer.result({ id: registrationId, state: 'refused' }, () => 'Refused.\n');
    },
  );
}

function addSettingsCommands(admin: Command, addAction: AddAction): void {
  addAction(
    admin
      .command('addresses')
      .description('where agents are told to reach the server; with addresses: tell them others')
      .argument('[address...]', 'in the order to try, e.g. https://holdfast.example:8443')
      .option('--clear', 'tell them none: they keep what they know'),
    async (tools, options, given) => {
      const client = await tools.client();
      let settings = await client.call(getServerAddresses, {});
      if (given.length > 0 || options['clear'] === true) {
        settings = await client.call(updateServerAddresses, {
          body: { revision: settings.revision, addresses: [...given] },
        });
      }
      tools.printer.result(settings, () =>
        formatFacts([
          ['Agents are told', settings.addresses.join(', ') || 'nothing, they keep what they know'],
          ['Reached now at', settings.ownAddresses.join(', ')],
        ]),
      );
    },
  );
  addAction(
    admin
      .command('settings')
      .description('show or change the settings')
      .option('--heartbeat-interval <duration>', 'e.g. 60s')
      .option('--offline-timeout <duration>', 'at least three intervals'),
    async (tools, options) => {
      const client = await tools.client();
      let settings = await client.call(getSettings, {});
      const heartbeatIntervalMs = readDuration(options, 'heartbeatInterval');
      const offlineTimeoutMs = readDuration(options, 'offlineTimeout');
      if (heartbeatIntervalMs !== undefined || offlineTimeoutMs !== undefined) {
        const communication = {
          heartbeatIntervalMs: heartbeatIntervalMs ?? settings.communication.heartbeatIntervalMs,
          offlineTimeoutMs: offlineTimeoutMs ?? settings.communication.offlineTimeoutMs,
        };
        settings = await client.call(updateCommunicationSettings, {
          body: { revision: settings.revision, communication },
        });
      }
      tools.printer.result(settings, () =>
        formatFacts([
          ['Heartbeat interval', formatDuration(settings.communication.heartbeatIntervalMs)],
          ['Offline timeout', formatDuration(settings.communication.offlineTimeoutMs)],
          [
            'Changed',
            settings.changedAt === null
              ? 'never'
              : `${settings.changedAt} by ${settings.changedBy ?? 'somebody'}`,
          ],
        ]),
      );
    },
  );
}
