import type { ManagedProduct, ProductTrouble } from '@holdfast/api';
import { type Activity, decodeTroubles } from '@holdfast/protocol';

/** Activity as it travels in datagrams → as the contract names it. What was not sent is left out. */
export function toContractActivity(activity: Activity): ManagedProduct['activity'] {
  const { uptimeS, loadAverageHundredths, memoryInUsePercent, agentMemoryKiB, systemVolumeFreePercent } =
    activity;
  return {
    ...(uptimeS === undefined ? {} : { uptimeSeconds: uptimeS }),
    ...(loadAverageHundredths === undefined ? {} : { loadAverage: loadAverageHundredths / 100 }),
    ...(memoryInUsePercent === undefined ? {} : { memoryUsedPercent: memoryInUsePercent }),
    ...(agentMemoryKiB === undefined ? {} : { agentMemoryBytes: agentMemoryKiB * 1024 }),
    ...(systemVolumeFreePercent === undefined ? {} : { systemVolumeFreePercent }),
  };
}

/** What keeps the agent from its work, as it said last. */
export function toContractTroubles({ troubles }: Activity): readonly ProductTrouble[] {
  return troubles === undefined ? [] : decodeTroubles(troubles);
}
