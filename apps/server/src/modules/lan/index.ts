/**
 * How the agents of a LAN share updates: what groups say about it, the secrets by which the agents of one organisation know each
 * other there, and the LANs as agents report them. Promises that a product without a place gets no secret, and that nobody sees a LAN
 * by devices outside of their groups. Who becomes the Active Agent the agents settle among themselves (docs/active-agent.md).
 */
import { getGroupUpdateSettings, listLanSegments, updateGroupUpdateSettings } from '@holdfast/api';
import type { LanReport, LanTerms } from '@holdfast/protocol';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DirectoryModule } from '../directory/index.ts';
import { describeSettings, LanService } from './lan.service.ts';
import './lan.tables.ts';
import { createUpdateSettings, updateSettingsErrorStatus } from './update-settings.ts';

export interface LanModule {
  /** What this product is told; undefined: it takes no part. */
  termsOf(productNumber: number): Promise<LanTerms | undefined>;
  /** What it reports, which takes the place of what it reported before; undefined: it is on no LAN. */
  record(productNumber: number, report: LanReport | undefined): Promise<void>;
}

export function createLanModule({
  platform,
  directory,
}: {
  readonly platform: Pick<
    Platform,
    'database' | 'clock' | 'keys' | 'recordAuditEntry' | 'recordEvents' | 'registerRoute'
  >;
  readonly directory: DirectoryModule;
}): LanModule {
  registerErrorStatus(updateSettingsErrorStatus);
  const settings = createUpdateSettings({ platform, directory, onChange: () => lan.forgetSettings() });
  const lan = new LanService({ platform, directory, settings });
  platform.registerRoute(getGroupUpdateSettings, async ({ actor, params }) =>
    describeSettings(await settings.get(actor, params.groupId)),
  );
  platform.registerRoute(updateGroupUpdateSettings, async ({ actor, params, body, request }) =>
    describeSettings(await settings.update(actor, params.groupId, body, request)),
  );
  platform.registerRoute(listLanSegments, async ({ actor, query }) => await lan.list(actor, query));
  return {
    termsOf: async (productNumber) => await lan.termsOf(productNumber),
    record: async (productNumber, report) => await lan.record(productNumber, report),
  };
}
