import { open } from 'node:fs/promises';
import type { AgentPlatform } from '@holdfast/api';

// The field e_machine of an ELF header.
const MACHINES: Readonly<Record<AgentPlatform, number>> = { 'linux-x64': 62, 'linux-arm64': 183 };
const ELF_64_LITTLE_ENDIAN = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
const HEADER_BYTES = 20;

/** Whether a file is there and is a program for this kind of computer. What it does is not looked at. */
export async function isProgramFor(file: string, platform: AgentPlatform): Promise<'yes' | 'no' | 'missing'> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return 'missing';
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await handle.read(header, 0, HEADER_BYTES, 0);
    const isElf = bytesRead === HEADER_BYTES && header.subarray(0, 6).equals(ELF_64_LITTLE_ENDIAN);
    return isElf && header.readUInt16LE(18) === MACHINES[platform] ? 'yes' : 'no';
  } catch {
    // A folder of that name, or a disk that does not answer.
    return 'no';
  } finally {
    await handle.close();
  }
}
