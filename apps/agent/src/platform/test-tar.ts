/** A tar archive as a publisher makes it, and broken ones. */
export interface TarMember {
  readonly name: string;
  readonly content?: string;
  readonly mode?: number;
  /** `0`: a file, `5`: a folder, or what else the format has. */
  readonly type?: string;
  readonly magic?: string;
  readonly size?: string;
  readonly sum?: string;
}

const BLOCK = 512;

export function makeTar(members: readonly TarMember[], end: number = 2): Buffer {
  return Buffer.concat([...members.flatMap(formatMember), Buffer.alloc(end * BLOCK)]);
}

function formatMember(member: TarMember): Buffer[] {
  const content = Buffer.from(member.content ?? '');
  const header = Buffer.alloc(BLOCK);
  header.write(member.name, 0);
  header.write((member.mode ?? 0o644).toString(8).padStart(7, '0'), 100);
  header.write(member.size ?? content.length.toString(8).padStart(11, '0'), 124);
  header.write('0'.padStart(11, '0'), 136);
  header.write(member.type ?? '0', 156);
  header.write(member.magic ?? 'ustar\u000000', 257);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(member.sum ?? `${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return [header, content, padding];
}
