import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';

const families = ['Agent', 'Zbot', 'Mirai', 'Gh0st', 'Emotet', 'Allaple', 'Bank', 'Triada'] as const;

/** Lines as those of a file of hashes: digest, size, name. */
function line(number: number, chance: () => number): string {
  const digest = createHash('md5').update(`pattern ${number}`).digest('hex');
  const family = families[Math.floor(chance() * families.length)];
  return `${digest}:${1000 + Math.floor(chance() * 4_000_000)}:Win.Trojan.${family}-${6_000_000 + number}-0`;
}

/** The same numbers from 0 to 1 in each run (the generator of Numerical Recipes). */
function createChance(): () => number {
  let state = 12_345;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Writes a million hashes in each file; from one to the next 20 go and 122 come, at random places: what ClamAV's daily file changed
 * from version 27096 to 27097 was 122 more.
 */
export async function writePatternFiles(paths: readonly string[]): Promise<void> {
  const chance = createChance();
  const lines = Array.from({ length: 1_000_000 }, (_, number) => line(number, chance));
  let next = lines.length;
  for (const path of paths) {
    await writeFile(path, `${lines.join('\n')}\n`);
    for (let count = 0; count < 20; count++) lines.splice(Math.floor(chance() * lines.length), 1);
    for (let count = 0; count < 122; count++)
      lines.splice(Math.floor(chance() * lines.length), 0, line(next++, chance));
  }
}
