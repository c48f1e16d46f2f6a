import type { Command, CommandTarget } from '@holdfast/api';
import type { CommandRow } from './commands.store.ts';
import type { TargetRow } from './command-targets.store.ts';

export function toCommand(row: CommandRow): Command {
  return {
    id: row.id,
    type: row.type,
    title: row.title,
    parameters: row.parameters,
    target: row.targetText,
    issuedAt: row.issuedAt.toISOString(),
    issuedBy: row.issuerName,
    expiresAt: row.expiresAt.toISOString(),
    counts: row.counts,
  };
}

export function toCommandTarget(row: TargetRow): CommandTarget {
  return {
    id: row.id,
    commandId: row.commandId,
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    productNumber: row.productNumber,
    state: row.state,
    code: row.code,
    detail: row.detail,
    steps: row.steps.map((step) => ({ ...step })),
    result: row.result,
  };
}
