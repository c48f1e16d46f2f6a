import { ComponentError } from '../component.errors.ts';
import { createCatalogue, type Catalogue } from '../catalogue.ts';
import { isMissing } from '../disk.ts';
import { requireFresh } from '../metadata/index.ts';
import { targetFilePath } from '../repository-path.ts';
import { FEEDS } from './metadata-writing.ts';
import { listContent } from './repository-content.ts';
import { fileIn, type PublishedState, readPublished } from './repository-folder.ts';
import { readDrafts } from './settlement.ts';
import { hashFile, listFiles } from './target-writing.ts';

/** What is not as it should be. `damaged`: a client would refuse or lack something; `notice`: nobody is hindered yet. */
export interface RepositoryFinding {
  readonly severity: 'damaged' | 'notice';
  readonly kind:
    | 'expired'
    | 'expires-soon'
    | 'file-missing'
    | 'file-wrong'
    | 'file-orphaned'
    | 'entry-refused'
    | 'interrupted'
    | 'waiting';
  /** In the folder, or as targets metadata name it. */
  readonly path: string;
  readonly message: string;
}

/** How long a role's metadata last, and who signs for it. */
export interface RoleSummary {
  readonly role: string;
  readonly version: number;
  readonly expiresAtMs: number;
  readonly threshold: number;
  readonly keyIds: readonly string[];
}

export interface RepositorySummary {
  readonly roles: readonly RoleSummary[];
  readonly catalogue: Catalogue;
  /** Offline roles of which something waits for signatures. */
  readonly drafts: readonly ('root' | 'targets')[];
}

/** @throws ComponentError REPOSITORY_NOT_FOUND, REPOSITORY_DAMAGED */
export async function readRepository(folder: string): Promise<RepositorySummary> {
  const state = await readPublished(folder);
  if (state === undefined)
    throw new ComponentError('REPOSITORY_NOT_FOUND', 'Nothing has been published in this folder yet.');
  const drafts = await readDrafts(folder, state);
  return {
    roles: summarise(state),
    catalogue: catalogueOf(state),
    drafts: (['root', 'targets'] as const).filter((role) => drafts[role] !== undefined),
  };
}

/**
 * Looks at the whole folder: signatures and hashes from the first root to the last file, what lies there that nobody names, and
 * what will end soon.
 *
 * @throws ComponentError REPOSITORY_NOT_FOUND, REPOSITORY_DAMAGED when the metadata themselves cannot be followed
 */
export async function verifyRepository(
  folder: string,
  nowMs: number,
  onProgress: (step: { readonly done: number; readonly all: number }) => void = () => {},
): Promise<readonly RepositoryFinding[]> {
  const state = await readPublished(folder);
  if (state === undefined)
    throw new ComponentError('REPOSITORY_NOT_FOUND', 'Nothing has been published in this folder yet.');
  return [
    ...findEnds(state, nowMs),
    ...(state.isInterrupted
      ? [
          damaged(
            'interrupted',
            'metadata/timestamp.json',
            'a new root is there, and nothing has been signed under it yet',
          ),
        ]
      : []),
    ...catalogueOf(state).refused.map(({ path, reason }) => damaged('entry-refused', path, reason)),
    ...(await findFiles(folder, state, onProgress)),
    ...(await findOrphans(folder, state)),
  ];
}

function damaged(kind: RepositoryFinding['kind'], path: string, message: string): RepositoryFinding {
  return { severity: 'damaged', kind, path, message };
}

function catalogueOf({ trusted, feeds }: PublishedState): Catalogue {
  const targets = trusted.targets?.metadata;
  if (targets === undefined) throw new TypeError('published targets are wanted');
  const delegated =
    feeds?.file === undefined ? undefined : { delegation: feeds.delegation, targets: feeds.file.metadata };
  return createCatalogue(targets, delegated);
}

function summarise({ trusted, feeds }: PublishedState): readonly RoleSummary[] {
  const { roles } = trusted.root.metadata;
  const files = [
    { role: 'root', metadata: trusted.root.metadata, keys: roles.root },
    { role: 'targets', metadata: trusted.targets?.metadata, keys: roles.targets },
    { role: 'snapshot', metadata: trusted.snapshot?.metadata, keys: roles.snapshot },
    { role: 'timestamp', metadata: trusted.timestamp?.metadata, keys: roles.timestamp },
    { role: FEEDS, metadata: feeds?.file?.metadata, keys: feeds?.delegation },
  ];
  return files.flatMap(({ role, metadata, keys }) =>
    metadata === undefined || keys === undefined
      ? []
      : [
          {
            role,
            version: metadata.version,
            expiresAtMs: metadata.expiresAtMs,
            threshold: keys.threshold,
            keyIds: keys.keyIds,
          },
        ],
  );
}

const DAY_MS = 24 * 60 * 60_000;
/** How long before their end somebody should know. Offline keys take days to bring together. */
const WARNING_MS: Readonly<Record<string, number>> = { root: 30 * DAY_MS, targets: 30 * DAY_MS };
const ONLINE_WARNING_MS = DAY_MS / 2;

function findEnds(state: PublishedState, nowMs: number): readonly RepositoryFinding[] {
  return summarise(state).flatMap((role): readonly RepositoryFinding[] => {
    const path = `metadata/${role.role}`;
    try {
      requireFresh(role.role, role, nowMs);
    } catch (error) {
      if (!(error instanceof ComponentError)) throw error;
      return [damaged('expired', path, error.message)];
    }
    const isSoon = role.expiresAtMs - nowMs < (WARNING_MS[role.role] ?? ONLINE_WARNING_MS);
    if (!isSoon) return [];
    const message = `The ${role.role} metadata expire at ${new Date(role.expiresAtMs).toISOString()}.`;
    return [{ severity: 'notice', kind: 'expires-soon', path, message }];
  });
}

async function findFiles(
  folder: string,
  { trusted, feeds }: PublishedState,
  onProgress: (step: { readonly done: number; readonly all: number }) => void,
): Promise<readonly RepositoryFinding[]> {
  const files = [trusted.targets?.metadata, feeds?.file?.metadata].flatMap((metadata) => [
    ...(metadata?.targets.values() ?? []),
  ]);
  const findings: RepositoryFinding[] = [];
  for (const [index, file] of files.entries()) {
    const found = await hashFile(fileIn(folder, targetFilePath(file.path, file.hashes.sha256))).catch(
      (error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      },
    );
    if (found === undefined) findings.push(damaged('file-missing', file.path, 'the file is not there'));
    else if (found.length !== file.length || found.sha256 !== file.hashes.sha256)
      findings.push(damaged('file-wrong', file.path, 'the file is not what was signed for'));
    onProgress({ done: index + 1, all: files.length });
  }
  return findings;
}

async function findOrphans(folder: string, state: PublishedState): Promise<readonly RepositoryFinding[]> {
  const { current, kept } = await listContent(folder, state);
  const findings: RepositoryFinding[] = [];
  for (const path of await listFiles(folder, '.')) {
    if (current.has(path) || path === 'repository.lock') continue;
    if (path.startsWith('drafts/') && kept.has(path))
      findings.push({ severity: 'notice', kind: 'waiting', path, message: 'It waits for signatures.' });
    else if (!kept.has(path))
      findings.push({ severity: 'notice', kind: 'file-orphaned', path, message: 'Nobody names this file.' });
  }
  return findings;
}
