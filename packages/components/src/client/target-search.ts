import {
  type Delegation,
  isDelegated,
  metadataLimits,
  type TargetFile,
  type TargetsMetadata,
} from '../metadata/index.ts';

/**
 * Step 5.6.7 of the specification: a pre-order depth-first search for a file. Each role is verified by the delegation that
 * led to it, whose path patterns have to match, and so has every one before it.
 */
export async function searchTarget(
  path: string,
  targets: TargetsMetadata,
  load: (delegation: Delegation, delegator: TargetsMetadata) => Promise<TargetsMetadata>,
): Promise<TargetFile | undefined> {
  const visited = new Set<string>(['targets']);

  async function search(role: TargetsMetadata): Promise<TargetFile | 'nothing' | 'over'> {
    const file = role.targets.get(path);
    if (file !== undefined) return file;
    for (const delegation of role.delegations) {
      if (!isDelegated(path, delegation) || visited.has(delegation.name)) continue;
      // 5.6.7.1: an end to bandwidth and time that a graph of delegations can waste.
      if (visited.size > metadataLimits.rolesPerSearch) return 'over';
      visited.add(delegation.name);
      const result = await search(await load(delegation, role));
      if (result !== 'nothing') return result;
      // 5.6.7.2.1
      if (delegation.isTerminating) return 'over';
    }
    return 'nothing';
  }

  const result = await search(targets);
  return typeof result === 'string' ? undefined : result;
}
