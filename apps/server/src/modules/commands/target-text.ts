import type { DeviceFilter } from '@holdfast/api';

export type TargetChoice =
  | { readonly kind: 'devices'; readonly names: readonly string[] }
  | {
      readonly kind: 'filter';
      readonly filter: DeviceFilter;
      /** Names of the group of the filter, from below the top group down. */
      readonly groupNames: readonly string[] | undefined;
      readonly count: number;
    };

const MAX_TEXT = 400;

/** The targets of an order, in words that stay true when devices are renamed or moved. */
export function describeTargets(choice: TargetChoice): string {
  if (choice.kind === 'devices') {
    const [only] = choice.names;
    return choice.names.length === 1 && only !== undefined
      ? shorten(only)
      : countDevices(choice.names.length);
  }
  const { filter, groupNames, count } = choice;
  const group = groupNames?.at(-1);
  const { groupId: _group, withSubgroups: _below, ...narrowing } = filter;
  const isWholeGroup = Object.values(narrowing).every((part) => part === undefined);
  if (isWholeGroup) return group === undefined ? `all devices (${count})` : shorten(`group ${group}`);
  const { search, tag = [], withoutTag = [], ...exact } = narrowing;
  const narrowed = [
    ...(search === undefined ? [] : [`matching "${search}"`]),
    ...tag.map((name) => `tagged ${name}`),
    ...withoutTag.map((name) => `not tagged ${name}`),
    ...Object.values(exact).filter((value) => value !== undefined),
  ];
  const whose = group === undefined ? '' : ` of group ${group}`;
  return shorten([`${countDevices(count)}${whose}`, ...narrowed].join(', '));
}

/**
 * The targets of an order of which the reader sees some devices only: what the whole is called, and how many it has, would say what lies
 * elsewhere.
 *
 * @param onlyName of the device, where it is one
 */
export function describeSeenTargets(count: number, onlyName: string | null): string {
  return count === 1 && onlyName !== null ? shorten(onlyName) : countDevices(count);
}

function countDevices(count: number): string {
  return count === 1 ? '1 device' : `${count} devices`;
}

function shorten(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1).toWellFormed()}…`;
}
