import type { DeviceSummary } from '@holdfast/api';

/** By what people tell devices apart, the best first. */
export const tellingFields = ['serialNumber', 'assetTag', 'owner', 'address'] as const;

/** A device by what people tell it from another one of its name by. */
export interface NamedDevice extends Pick<DeviceSummary, (typeof tellingFields)[number]> {
  readonly id: string;
  readonly productNumber: number;
  readonly groupNames: readonly string[];
}

/**
 * What tells devices of one name apart, for people: of serial number, asset tag, owner, address and group those that not all
 * of them share, and the product number where that is not enough.
 *
 * @returns by id; empty for a device that is alone
 */
export function describeDistinctions(devices: readonly NamedDevice[]): ReadonlyMap<string, string> {
  if (devices.length < 2) return new Map();
  const parts = devices.map((device) => [
    ...tellingFields.map((name) => device[name]),
    device.groupNames.join(' / '),
  ]);
  const isTelling = [...tellingFields, 'group'].map(
    (_, part) => new Set(parts.map((one) => one[part])).size > 1,
  );
  const texts = parts.map((one) =>
    one.filter((text, part) => isTelling[part] === true && text !== '').join(' · '),
  );
  return new Map(
    devices.map(({ id, productNumber }, index) => {
      const text = texts[index] ?? '';
      const isAlone = text !== '' && texts.filter((other) => other === text).length === 1;
      return [id, isAlone ? text : [text, `#${productNumber}`].filter((part) => part !== '').join(' · ')];
    }),
  );
}
