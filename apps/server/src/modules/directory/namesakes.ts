/** A device by what people tell it from another one of its name by. */
export interface NamedDevice {
  readonly id: string;
  readonly productNumber: number;
  readonly serialNumber: string | null;
  readonly address: string;
  readonly groupNames: readonly string[];
}

/**
 * What tells devices of one name apart, for people: of serial number, address and group those that not all of them share, and
 * the product number where that is not enough.
 *
 * @returns by id; empty for a device that is alone
 */
export function describeDistinctions(devices: readonly NamedDevice[]): ReadonlyMap<string, string> {
  if (devices.length < 2) return new Map();
  const parts = devices.map(({ serialNumber, address, groupNames }) => [
    serialNumber ?? '',
    address,
    groupNames.join(' / '),
  ]);
  const isTelling = [0, 1, 2].map((part) => new Set(parts.map((one) => one[part])).size > 1);
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
