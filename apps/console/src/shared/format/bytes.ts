/** Bytes in binary units, with three significant digits where there is a fraction: `15.6 GiB`. */
export interface ByteSize {
  readonly value: number;
  readonly unit: (typeof byteUnits)[number];
}

export const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

export function byteSizeOf(bytes: number): ByteSize {
  let value = Math.max(0, bytes);
  let index = 0;
  while (value >= 1023.5 && index < byteUnits.length - 1) {
    value /= 1024;
    index += 1;
  }
  const digits = index === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return { value: Number(value.toFixed(digits)), unit: byteUnits[index] ?? 'B' };
}

export function formatBytes(bytes: number, language: string): string {
  const { value, unit } = byteSizeOf(bytes);
  return `${new Intl.NumberFormat(language).format(value)} ${unit}`;
}
