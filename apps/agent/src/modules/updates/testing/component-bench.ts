import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ComponentDescription } from '@holdfast/components';
import { systemClock } from '@holdfast/kernel';
import { createLog } from '../../../platform/log.ts';
import type { RunToEnd } from '../../../platform/program-end.ts';
import { openStateDatabase, type StateDatabase } from '../../../platform/state-database.ts';
import { updateMigrations } from '../update-migrations.ts';
import { type ComponentFiles, createComponentFiles } from '../component-files.ts';
import { createComponentPlaces } from '../component-places.ts';
import { type ComponentSwitch, createComponentSwitch } from '../component-switch.ts';
import { createAgentProgramHandler } from '../handlers/agent-program.ts';
import { createClamAvHandler } from '../handlers/clamav-database.ts';
import type { ComponentHandler } from '../handlers/component-handler.ts';
import { createPlainFileHandler } from '../handlers/plain-file.ts';
import { createRuleFilesHandler } from '../handlers/rule-files.ts';

export interface ComponentBench {
  readonly home: string;
  readonly database: StateDatabase;
  readonly files: ComponentFiles;
  readonly components: ComponentSwitch;
  /** Puts a verified file of a release where a download leaves it, and says so. */
  stage(component: ComponentDescription, release: number, content: string | Uint8Array): void;
  close(): void;
}

export interface BenchOptions {
  readonly home: string;
  readonly runToEnd?: RunToEnd;
  readonly scanner?: string | undefined;
  readonly runningRelease?: number;
  readonly isSupervised?: boolean;
  readonly moreHandlers?: readonly ComponentHandler[];
}

/** The components of a computer whose state folder is `home`, with the real handlers. */
export function openBench(options: BenchOptions): ComponentBench {
  const { home, runToEnd = async () => ({ status: 0, output: '' }), moreHandlers = [] } = options;
  mkdirSync(home, { recursive: true });
  const database = openStateDatabase(join(home, 'state.sqlite'), {
    release: '0.1.0',
    migrations: updateMigrations,
  });
  const files = createComponentFiles(home);
  const placed = { files, places: createComponentPlaces(home), runToEnd };
  const components = createComponentSwitch({
    database,
    files,
    clock: systemClock,
    log: createLog({ clock: systemClock, level: 'error', write: () => undefined }),
    handlers: [
      createPlainFileHandler(placed),
      createRuleFilesHandler({ ...placed, platform: process.platform }),
      createClamAvHandler({ ...placed, findScanner: () => options.scanner }),
      createAgentProgramHandler({
        home,
        version: '0.1.0',
        runtimePath: process.execPath,
        runningRelease: options.runningRelease,
        isSupervised: options.isSupervised ?? true,
        runToEnd,
      }),
      ...moreHandlers,
    ],
  });
  return {
    home,
    database,
    files,
    components,
    stage: (component, release, content) => {
      files.folderOf(component.id);
      const path = files.heldPath(component.id, release);
      writeFileSync(path, content);
      chmodSync(path, 0o644);
      components.recordStaged(component, { release, version: `1.0.${release}` });
    },
    close: () => database.close(),
  };
}
