import type { CatalogueEntry } from '@holdfast/components';
import {
  readRepository,
  type RepositoryFinding,
  type RepositorySummary,
  verifyRepository,
} from '@holdfast/components/repository';
import { ExitCode } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { formatTable } from '../output/table.ts';

export async function list(
  { printer }: CommandTools,
  _options: Record<string, unknown>,
  [folder = '']: readonly string[],
): Promise<void> {
  const { roles, catalogue, drafts } = await readRepository(folder);
  const components = [...catalogue.components.values()].sort((left, right) =>
    left.newest.component.id < right.newest.component.id ? -1 : 1,
  );
  printer.result(
    {
      components: components.map(({ newest, releases }) => ({
        ...newest,
        releases: releases.map(({ release, version }) => ({ release, version })),
      })),
      roles: roles.map(({ expiresAtMs, ...role }) => ({ ...role, expiresAt: toText(expiresAtMs) })),
      drafts,
    },
    () => `${formatComponents(components)}\n${formatRoles(roles)}${formatDrafts(drafts)}`,
  );
}

export async function verify(
  { printer, context }: CommandTools,
  _options: Record<string, unknown>,
  [folder = '']: readonly string[],
): Promise<ExitCode> {
  const progress = createProgress(context);
  let findings: readonly RepositoryFinding[];
  try {
    findings = await verifyRepository(folder, context.now(), ({ done, all }) =>
      progress.update(done, all, `${done} of ${all} files`),
    );
  } finally {
    progress.end();
  }
  const isDamaged = findings.some(({ severity }) => severity === 'damaged');
  printer.result({ isDamaged, findings }, () =>
    findings.length === 0
      ? 'All signatures, hashes and files are right.\n'
      : formatTable(
          [
            { title: 'severity', value: ({ severity }) => severity },
            { title: 'kind', value: ({ kind }) => kind },
            { title: 'where', value: ({ path }) => path },
            { title: 'what', value: ({ message }) => message },
          ],
          findings,
        ),
  );
  return isDamaged ? ExitCode.verificationFailed : ExitCode.done;
}

function formatComponents(entries: readonly CatalogueEntry[]): string {
  return formatTable(
    [
      { title: 'component', value: ({ newest }) => newest.component.id },
      { title: 'kind', value: ({ newest }) => newest.component.kind },
      { title: 'release', value: ({ newest }) => String(newest.release), alignment: 'right' },
      { title: 'version', value: ({ newest }) => newest.version },
      { title: 'bytes', value: ({ newest }) => String(newest.full.length), alignment: 'right' },
      { title: 'increments', value: ({ newest }) => String(newest.increments.length), alignment: 'right' },
      { title: 'platforms', value: ({ newest }) => newest.component.platforms.join(', ') },
    ],
    entries,
  );
}

function formatRoles(roles: RepositorySummary['roles']): string {
  return formatTable(
    [
      { title: 'role', value: ({ role }) => role },
      { title: 'version', value: ({ version }) => String(version), alignment: 'right' },
      { title: 'signed by', value: ({ threshold, keyIds }) => `${threshold} of ${keyIds.length}` },
      { title: 'expires', value: ({ expiresAtMs }) => toText(expiresAtMs) },
    ],
    roles,
  );
}

function formatDrafts(drafts: readonly string[]): string {
  return drafts.length === 0 ? '' : `\nWaiting for signatures: ${drafts.join(', ')}.\n`;
}

function toText(atMs: number): string {
  return new Date(atMs).toISOString();
}
