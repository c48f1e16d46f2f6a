import { type LanReport, limits } from '@holdfast/protocol';
import { type ActiveAgent, describeNetwork, type LanSettingsSource } from '../active-agent/index.ts';
import type { LanTraffic } from './component-sources.ts';

/** How this agent stands on its LANs, for the server; `undefined` for one that takes no part. */
export function describeLan({
  activeAgent,
  productNumber,
  settings,
  traffic,
}: {
  readonly activeAgent: Pick<ActiveAgent, 'view'>;
  readonly productNumber: number;
  readonly settings: LanSettingsSource;
  readonly traffic: LanTraffic;
}): LanReport | undefined {
  if (settings.current()?.isOn !== true) return undefined;
  const segments = new Map(
    activeAgent.view.segments.map(({ segment, isActive, leader }) => {
      const network = describeNetwork(segment);
      const activeProduct = isActive ? productNumber : leader?.productNumber;
      return [network, { network, ...(activeProduct === undefined ? {} : { activeProduct }) }] as const;
    }),
  );
  return { segments: [...segments.values()].slice(0, limits.maxLanSegments), ...traffic };
}
