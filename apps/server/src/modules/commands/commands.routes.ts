import {
  cancelCommand,
  getCommand,
  issueCommand,
  listCommands,
  listCommandTargets,
  listCommandIssuers,
  listCommandTypes,
  planCommand,
  retryCommand,
} from '@holdfast/api';
import {
  ClaimAnswerSchema,
  ClaimRequestSchema,
  limits,
  mcpPath,
  ReportsAnswerSchema,
  ReportsRequestSchema,
} from '@holdfast/protocol';
import { defineCursor } from '../../platform/http/cursor.ts';
import { parseQuerySpan } from '../../platform/http/query-instant.ts';
import type { Platform } from '../../platform/platform.ts';
import type { CommandDelivery } from './command-delivery.service.ts';
import type { CommandPlanning } from './command-plan.service.ts';
import type { CommandService } from './commands.service.ts';

const commandCursor = defineCursor('commands', 'uuid');
const targetCursor = defineCursor('command targets', 'number');

export function registerCommandRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: CommandService,
  planning: CommandPlanning,
): void {
  registerRoute(listCommandTypes, async ({ actor }) => ({ types: service.listTypes(actor) }));
  registerRoute(planCommand, async ({ actor, body }) => await planning.plan(actor, body));
  registerRoute(issueCommand, async ({ actor, body, request }) => await service.issue(actor, body, request));
  registerRoute(listCommands, async ({ actor, query }) => {
    const { cursor, from, to, ...rest } = query;
    const { commands, nextBeforeId } = await service.list(actor, {
      ...rest,
      ...parseQuerySpan({ from, to }),
      beforeId: cursor === undefined ? undefined : commandCursor.decode(cursor)[0],
    });
    return { commands, nextCursor: nextBeforeId === null ? null : commandCursor.encode(nextBeforeId) };
  });
  registerRoute(listCommandIssuers, async ({ actor }) => ({ names: await service.listIssuers(actor) }));
  registerRoute(getCommand, async ({ actor, params }) => await service.get(actor, params.commandId));
  registerRoute(listCommandTargets, async ({ actor, params, query }) => {
    const { cursor, ...rest } = query;
    const [after] = cursor === undefined ? [] : targetCursor.decode(cursor);
    const { commandId } = params;
    const { targets, nextAfter } = await service.listTargets(actor, {
      commandId,
      ...rest,
      afterProductNumber: after,
    });
    return { targets, nextCursor: nextAfter === null ? null : targetCursor.encode(nextAfter) };
  });
  registerRoute(
    cancelCommand,
    async ({ actor, params, request }) => await service.cancel(actor, params.commandId, request),
  );
  registerRoute(
    retryCommand,
    async ({ actor, params, body, request }) =>
      await service.retry(actor, { commandId: params.commandId, ...body }, request),
  );
}

export function registerDeliveryRoutes(
  { registerMcpRoute }: Pick<Platform, 'registerMcpRoute'>,
  delivery: CommandDelivery,
): void {
  registerMcpRoute(
    {
      name: 'claimCommands',
      method: 'POST',
      path: mcpPath.commandClaims,
      access: 'product',
      requestClass: 'claims',
      bodyLimit: limits.maxSmallBodyBytes,
      body: ClaimRequestSchema,
      response: ClaimAnswerSchema,
    },
    async ({ product, body }) => await delivery.claim(product, body.max),
  );
  registerMcpRoute(
    {
      name: 'reportCommands',
      method: 'POST',
      path: mcpPath.commandReports,
      access: 'product',
      requestClass: 'commands',
      bodyLimit: limits.maxReportsBodyBytes,
      body: ReportsRequestSchema,
      response: ReportsAnswerSchema,
    },
    async ({ product, body }) => await delivery.report(product, body.reports),
  );
}
