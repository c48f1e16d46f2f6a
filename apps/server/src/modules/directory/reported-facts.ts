import { type Platform, platforms, type ReportedField, reportedFields } from '@holdfast/api';
import type { DeviceRecordFields } from './device-columns.ts';
import { toPlainAddress } from './sort-key.ts';

/** What is reported about a device; what is absent stays as it is. */
export interface ReportedFacts extends Readonly<Partial<Record<ReportedField, string>>> {
  readonly name?: string | undefined;
  /** The computer was renamed. Matters where the device was known by its old name. */
  readonly renamed?: { readonly from: string; readonly to: string } | undefined;
  readonly system?: string | undefined;
  /** Where the last call came from. */
  readonly remoteAddress?: string | undefined;
  /** The first address of the device's own interfaces. */
  readonly ownAddress?: string | undefined;
  readonly platform?: Platform | undefined;
  readonly architecture?: string | undefined;
  readonly agentVersion?: string | undefined;
  readonly isEncrypted?: boolean | null | undefined;
  readonly installationId?: string | undefined;
}

/** Platforms that the contract has no word for are "other". */
export function toPlatform(text: string): Platform {
  return platforms.find((platform) => platform === text) ?? 'other';
}

/** A device with what was reported; where nothing is new, it is as it was. */
export function withReported(old: DeviceRecordFields, facts: ReportedFacts): DeviceRecordFields {
  return {
    ...old,
    ...Object.fromEntries(reportedFields.map((name) => [name, facts[name] ?? old[name]])),
    reportedName:
      facts.name ?? (facts.renamed?.from === old.reportedName ? facts.renamed.to : old.reportedName),
    system: facts.system ?? old.system,
    address: chooseAddress(old.address, facts),
    platform: facts.platform ?? old.platform,
    architecture: facts.architecture ?? old.architecture,
    agentVersion: facts.agentVersion ?? old.agentVersion,
    isEncrypted: facts.isEncrypted === undefined ? old.isEncrypted : facts.isEncrypted,
    installationId: facts.installationId ?? old.installationId,
  };
}

const LOOPBACK = /^(127\.|::1$)/;

/** Where a device is reached from the server's side; behind a loopback address only it can tell. */
function chooseAddress(old: string, facts: Pick<ReportedFacts, 'remoteAddress' | 'ownAddress'>): string {
  const remote = facts.remoteAddress === undefined ? undefined : toPlainAddress(facts.remoteAddress);
  if (remote !== undefined && !LOOPBACK.test(remote)) return remote;
  if (facts.ownAddress !== undefined) return facts.ownAddress;
  return old === '' ? (remote ?? '') : old;
}
