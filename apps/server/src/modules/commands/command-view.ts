import type { Command, CommandTarget } from '@holdfast/api';
import { isBegun, isUnbegun } from './command-state.ts';
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
    isUrgent: row.isUrgent,
    repeatsId: row.repeatsId,
    counts: row.counts,
  };
}

/**
 * @param isIdle whether the product is in idle hours now
 * @param distinction what tells its device from others of the same name
 */
export function toCommandTarget(
  row: TargetRow,
  isIdle: (productNumber: number) => boolean,
  distinction?: string,
): CommandTarget {
  const isHeldBack = !row.isUrgent && isUnbegun(row.state) && isIdle(row.productNumber);
  return {
    id: row.id,
    commandId: row.commandId,
    deviceId: row.deviceId,
    deviceName: row.deviceName,
    ...(distinction === undefined ? {} : { deviceDistinction: distinction }),
    productNumber: row.productNumber,
    state: row.state,
    code: row.code,
    detail: row.detail,
    waitsFor: isHeldBack ? 'working-hours' : null,
    canCancel: isUnbegun(row.state) || (isBegun(row.state) && row.canBeAsked),
    progress:
      row.progress === null
        ? null
        : {
            percent: row.progress.percent,
            text: row.progress.text,
            at: new Date(row.progress.atMs).toISOString(),
          },
    steps: row.steps.map((step) => ({ ...step })),
    result: row.result,
  };
}
