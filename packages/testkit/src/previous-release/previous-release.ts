import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { parseWireRecord, type WireRecord } from './wire-record.ts';

const recordingsFolder = fileURLToPath(new URL('../../previous-release/', import.meta.url));

/** A computer of the recording whose agent's state was kept. */
export type RecordedAgent =
  /** Killed in the middle of its work: a command in each state, reports in its outbox, entries in its journals. */
  | 'desk-01'
  /** Enrolled, and never run. */
  | 'new-01';

/** What the recording knows of itself; names are those of `tools/record-release/story.mjs`. */
export interface RecordedFacts {
  readonly version: string;
  readonly secrets: {
    readonly administrator: { readonly name: string; readonly password: string };
    readonly auditor: { readonly name: string; readonly password: string };
    readonly apiKey: string;
  };
  readonly groups: Readonly<Record<string, string>>;
  readonly devices: Readonly<Record<string, { readonly id: string; readonly productNumber: number }>>;
  readonly commands: Readonly<Record<string, string>>;
  /** Where its agents look for their server. */
  readonly agentAddress: string;
}

/** A copy of a release, kept so that later ones are tried with it. See `previous-release/README.md`. */
export interface PreviousRelease {
  readonly facts: RecordedFacts;
  /** Made by `holdfast backup`, without a passphrase. */
  readonly backupFile: string;
  /** Puts the program of the agent there, as one file. Answers its path. */
  unpackAgentProgram(folder: string): string;
  /** Puts the program of the server there, with the migrations that it knows. Answers its path. */
  unpackServerProgram(folder: string, migrationsFolder: string): string;
  /** Puts the state folder of an agent there. */
  unpackAgentState(agent: RecordedAgent, folder: string): void;
  /** What its agents and its server said to each other, in the order of the answers. */
  readWire(): readonly WireRecord[];
}

/** Releases of which a copy is kept, oldest first. */
export function listPreviousReleases(): readonly string[] {
  return readdirSync(recordingsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

export function openPreviousRelease(version: string): PreviousRelease {
  const folder = join(recordingsFolder, version);
  const facts = JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as RecordedFacts & {
    readonly lastMigration: number;
  };
  const unpack = (name: string): Buffer => gunzipSync(readFileSync(join(folder, name)));
  return {
    facts,
    backupFile: join(folder, 'server.hfbackup'),
    unpackAgentProgram: (target) => {
      mkdirSync(target, { recursive: true });
      const path = join(target, 'agent.mjs');
      writeFileSync(path, unpack('agent.mjs.gz'));
      return path;
    },
    unpackServerProgram: (target, migrationsFolder) => {
      // The bundle looks for its files where they lie seen from the sources that it was made of.
      const program = join(target, 'apps', 'server', 'src');
      mkdirSync(program, { recursive: true });
      writeFileSync(
        join(target, 'apps', 'server', 'package.json'),
        JSON.stringify({ version, type: 'module' }),
      );
      const migrations = join(target, 'migrations');
      mkdirSync(migrations, { recursive: true });
      for (const name of readdirSync(migrationsFolder)) {
        if (Number.parseInt(name, 10) <= facts.lastMigration)
          cpSync(join(migrationsFolder, name), join(migrations, name));
      }
      const path = join(program, 'server.mjs');
      writeFileSync(path, unpack('server.mjs.gz'));
      return path;
    },
    unpackAgentState: (agent, target) => {
      mkdirSync(target, { recursive: true, mode: 0o700 });
      writeFileSync(join(target, 'state.sqlite'), unpack(`agent-state/${agent}.sqlite.gz`), { mode: 0o600 });
      copyFileSync(join(folder, 'agent-state', `${agent}.key`), join(target, 'agent.key'));
    },
    readWire: () => (JSON.parse(unpack('wire.json.gz').toString()) as unknown[]).map(parseWireRecord),
  };
}
