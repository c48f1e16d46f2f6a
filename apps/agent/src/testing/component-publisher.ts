import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ComponentDescription } from '@holdfast/components';
import { makeIncrement } from '@holdfast/components/increments';
import { createRepository, generateSigningKey, toSigningKey } from '@holdfast/components/repository';
import { createFileServer, createServedFolder } from '@holdfast/components/transfer';
import { systemClock } from '@holdfast/kernel';
import type { FakeMcpServer } from '@holdfast/testkit';
import { createTemporaryFolder } from '../platform/test-folder.ts';

export interface PublishedRelease {
  readonly component: ComponentDescription;
  readonly release: number;
  readonly content: string | Uint8Array;
  readonly version?: string;
  readonly isUrgent?: boolean;
}

/** Publishes components with real signatures and increments, and has a server serve them by ranges. */
export interface ComponentPublisher {
  /** Of the repository. */
  readonly folder: string;
  /** Paths that products have fetched, in their order. */
  readonly fetched: string[];
  publish(release: PublishedRelease): Promise<void>;
}

export async function startPublisher(t: TestContext, { state }: FakeMcpServer): Promise<ComponentPublisher> {
  const home = createTemporaryFolder(t);
  const folder = join(home, 'repository');
  const key = toSigningKey(generateSigningKey());
  const role = { keys: [key.publicKey], threshold: 1 };
  const repository = createRepository({ folder, clock: systemClock });
  const roles = { root: role, targets: role, snapshot: role, timestamp: role };
  await repository.create({ roles, feeds: role, keys: [key] });
  const fetched: string[] = [];
  const files = createFileServer({ folder: createServedFolder(folder) });
  state.serveFile = async (request, response, call) => {
    fetched.push(call.path);
    await files.answer(request, response, call);
  };
  t.after(() => files.stop());
  let count = 0;
  return {
    folder,
    fetched,
    publish: async ({ component, release, content, version = `1.0.${release}`, isUrgent = false }) => {
      const file = join(home, `new-${count++}`);
      writeFileSync(file, content);
      await repository.publish({
        area: 'components',
        component,
        release,
        version,
        isUrgent,
        file,
        makeIncrement,
        keys: [key],
      });
    },
  };
}
