export interface ApfsVolume {
  /** E.g. `disk3s5`. */
  readonly name: string;
  /** E.g. `Data`, `System`; lower case. */
  readonly role: string;
  readonly mountPoint: string | undefined;
  /** `undefined` when the list does not say. */
  readonly isEncrypted: boolean | undefined;
}

export interface ApfsContainer {
  /** Partitions that hold it, e.g. `disk0s2`. */
  readonly physicalStores: readonly string[];
  readonly sizeBytes: number | undefined;
  readonly freeBytes: number | undefined;
  readonly volumes: readonly ApfsVolume[];
}

/** Reads the text of `diskutil apfs list`: containers, each with its stores and volumes, one field a line. */
export function parseApfsList(text: string): ApfsContainer[] {
  return splitAt(text.split('\n').map(stripFrame), /^Container disk\d+/u).map((lines) => {
    const volumes = splitAt(lines, /^Volume disk\d+s\d+/u).map(parseVolume);
    return {
      physicalStores: lines.flatMap((line) => /^Physical Store (disk\d+(?:s\d+)?)/u.exec(line)?.[1] ?? []),
      sizeBytes: findBytes(lines, 'Size (Capacity Ceiling)') ?? findBytes(lines, 'Capacity Ceiling (Size)'),
      freeBytes: findBytes(lines, 'Capacity Not Allocated') ?? findBytes(lines, 'Capacity Available'),
      volumes,
    };
  });
}

/** Lines without the tree that is drawn beside them. */
function stripFrame(line: string): string {
  return line.replace(/^[\s|]*(?:\+-[->< ]*)?\s*/u, '').trim();
}

function splitAt(lines: readonly string[], start: RegExp): string[][] {
  const parts: string[][] = [];
  for (const line of lines) {
    if (start.test(line)) parts.push([line]);
    else parts.at(-1)?.push(line);
  }
  return parts;
}

function parseVolume(lines: readonly string[]): ApfsVolume {
  const [first = ''] = lines;
  const mountPoint = findField(lines, 'Mount Point');
  const protection = findField(lines, 'FileVault') ?? findField(lines, 'Cryptographic Security');
  return {
    name: /^Volume (disk\d+s\d+)/u.exec(first)?.[1] ?? '',
    role: (/\(([^)]*)\)/u.exec(findField(lines, 'APFS Volume Disk (Role)') ?? '')?.[1] ?? '').toLowerCase(),
    mountPoint: mountPoint === 'Not Mounted' ? undefined : mountPoint,
    isEncrypted: protection === undefined ? undefined : !/^(?:no|none)\b/iu.test(protection),
  };
}

function findField(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((candidate) => candidate.startsWith(`${name}:`));
  const value = line?.slice(name.length + 1).trim();
  return value === '' ? undefined : value;
}

function findBytes(lines: readonly string[], name: string): number | undefined {
  const digits = /^(\d{1,15}) B\b/u.exec(findField(lines, name) ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
