import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  createRepository,
  generateSigningKey,
  type Repository,
  type SigningKey,
  toSigningKey,
} from '@holdfast/components/repository';
import type { Clock } from '@holdfast/kernel';

/** A repository of components as its publisher has it, with one key for each role. Gone after the test. */
export interface TestRepository {
  readonly folder: string;
  readonly repository: Repository;
  readonly keys: readonly SigningKey[];
  publish(id: string, release: number, content: string, isUrgent?: boolean): Promise<void>;
  /** A new root names this key for the online roles, beside the publisher's own. */
  nameOnline(publicKey: SigningKey['publicKey']): Promise<void>;
}

export async function makeTestRepository(
  test: { after(work: () => Promise<void>): void },
  clock: Pick<Clock, 'now'>,
): Promise<TestRepository> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'holdfast-publisher-'));
  test.after(async () => await rm(home, { recursive: true, force: true }));
  const folder = path.join(home, 'repository');
  const roles = ['root', 'targets', 'snapshot', 'timestamp'] as const;
  const keyOf = Object.fromEntries(roles.map((role) => [role, toSigningKey(generateSigningKey())]));
  const keys = Object.values(keyOf);
  const repository = createRepository({ folder, clock });
  const settingOf = (role: (typeof roles)[number]) => {
    const key = keyOf[role];
    if (key === undefined) throw new TypeError(`the key of ${role} is wanted`);
    return { keys: [key.publicKey], threshold: 1 };
  };
  await repository.create({
    roles: {
      root: settingOf('root'),
      targets: settingOf('targets'),
      snapshot: settingOf('snapshot'),
      timestamp: settingOf('timestamp'),
    },
    feeds: undefined,
    keys,
  });
  return {
    folder,
    repository,
    keys,
    async nameOnline(publicKey) {
      const both = (role: 'snapshot' | 'timestamp') => ({
        keys: [...settingOf(role).keys, publicKey],
        threshold: 1,
      });
      const roles = { snapshot: both('snapshot'), timestamp: both('timestamp') };
      await repository.rotateKeys({ roles, keys });
    },
    async publish(id, release, content, isUrgent = false) {
      const file = path.join(home, `${id}-${release}`);
      await writeFile(file, content);
      await repository.publish({
        area: 'components',
        component: {
          id,
          kind: 'pattern',
          title: `The ${id}`,
          platforms: ['any'],
          handler: 'plain-file',
          dependencies: [],
        },
        release,
        version: `${release}.0`,
        isUrgent,
        file,
        keys,
      });
    },
  };
}
