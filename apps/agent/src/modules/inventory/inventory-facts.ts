/**
 * What is known of the device, in the form of the inventory call (docs/protocol.md, "Inventory"). Every part may be
 * absent where the system does not tell. Instants are RFC 3339 in UTC.
 */
export interface InventoryFacts {
  readonly hostName?: string;
  readonly system?: SystemFacts;
  readonly hardware?: HardwareFacts;
  readonly processor?: ProcessorFacts;
  readonly memory?: MemoryFacts;
  readonly disks?: readonly DiskFacts[];
  /** How many more there are than the list holds; so with every list. Absent: none. */
  readonly disksOmitted?: number;
  readonly interfaces?: readonly InterfaceFacts[];
  readonly interfacesOmitted?: number;
  readonly agent?: AgentFacts;
  readonly bootedAt?: string;
  readonly timeZone?: string;
}

export interface SystemFacts {
  readonly name: string;
  readonly version?: string;
  readonly kernel?: string;
  readonly architecture?: string;
}

export interface HardwareFacts {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly serialNumber?: string;
  /** Absent when nothing says it either way. */
  readonly isVirtual?: boolean;
  /** The kind of container in which the agent runs, e.g. `docker`. */
  readonly container?: string;
}

export interface ProcessorFacts {
  readonly model: string;
  /** Logical processors. */
  readonly cores: number;
}

export interface MemoryFacts {
  readonly totalBytes: number;
  readonly availableBytes?: number;
}

export interface DiskFacts {
  readonly name: string;
  readonly model?: string;
  readonly sizeBytes: number;
  /** Made to be taken along, and not what the running system stands on. */
  readonly isRemovable?: boolean;
  /** Why a fixed disk does not count for whether the computer is encrypted. */
  readonly exemption?: DiskExemption;
  /** Of everything on the disk that is not needed to start from it; see disk-encryption.ts. */
  readonly encryption: EncryptionState;
  readonly encryptionMethod?: string;
  readonly volumes?: readonly VolumeFacts[];
  readonly volumesOmitted?: number;
  /** Volumes that lie on this disk too and are listed at a disk before it; see shared-volumes.ts. */
  readonly volumesListedBefore?: number;
}

export interface VolumeFacts {
  readonly name: string;
  readonly mountPoint?: string;
  readonly fileSystem?: string;
  readonly sizeBytes?: number;
  /** What ordinary programs can still write. Less than size minus used, where some is reserved for root. */
  readonly freeBytes?: number;
  /** Absent where it is size minus free. */
  readonly usedBytes?: number;
  readonly encryption: EncryptionState;
}

export interface InterfaceFacts {
  readonly name: string;
  readonly hardwareAddress?: string;
  readonly addresses: readonly string[];
  readonly addressesOmitted?: number;
}

export interface AgentFacts {
  readonly version: string;
  readonly runtime?: string;
  readonly startedAt?: string;
}

export const DiskExemption = {
  /** Another computer lends it, and keeps what is on it. */
  network: 'network',
  /** Nothing on it is written by people: it starts a system, or is only ever read. */
  noData: 'no-data',
} as const;
export type DiskExemption = (typeof DiskExemption)[keyof typeof DiskExemption];

export const EncryptionState = {
  encrypted: 'encrypted',
  notEncrypted: 'not-encrypted',
  /** Some of it is, and some is not. */
  partlyEncrypted: 'partly-encrypted',
  /** Nothing that the agent may look at says so. It never guesses. */
  unknown: 'unknown',
} as const;
export type EncryptionState = (typeof EncryptionState)[keyof typeof EncryptionState];
