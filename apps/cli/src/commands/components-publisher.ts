import { type ComponentDescription, type ComponentKind, componentKinds } from '@holdfast/components';
import { makeIncrement } from '@holdfast/components/increments';
import {
  type ChangeOutcome,
  createRepository,
  readRepository,
  type Repository,
  type RoleName,
} from '@holdfast/components/repository';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { createProgress } from '../output/progress.ts';
import { readChoice, readInteger, readText, readTexts } from './arguments.ts';
import { readRoleSetting, readSigningKeys } from './signing-keys.ts';

const roleNames = [
  'root',
  'targets',
  'snapshot',
  'timestamp',
  'feeds',
] as const satisfies readonly RoleName[];

function open({ context }: CommandTools, folder: string): Repository {
  return createRepository({ folder, clock: { now: context.now } });
}

/** What became public, or what still waits for whom. */
function tell({ printer }: CommandTools, outcome: ChangeOutcome): void {
  printer.result(outcome, () => {
    const { published, waiting } = outcome;
    if (published !== undefined) {
      const { root, targets, snapshot, timestamp } = published;
      return `Published: root ${root}, targets ${targets}, snapshot ${snapshot}, timestamp ${timestamp}.\n`;
    }
    const lines = waiting.map(
      ({ role, valid, needed, keyIds }) => `  ${role}: ${valid} of ${needed}; still: ${keyIds.join(', ')}\n`,
    );
    return `Not published yet. It waits for signatures, by "components sign":\n${lines.join('')}`;
  });
}

export async function initialise(
  tools: CommandTools,
  options: Record<string, unknown>,
  [folder = '']: readonly string[],
): Promise<void> {
  const root = await readRoleSetting(options, 'root', readInteger(options, 'rootThreshold') ?? 1);
  const targets = await readRoleSetting(options, 'targets', readInteger(options, 'targetsThreshold') ?? 1);
  const online = await readRoleSetting(options, 'online', 1);
  const keys = await readSigningKeys(tools, options);
  const roles = { root, targets, snapshot: online, timestamp: online };
  const feeds = options['feeds'] === true ? online : undefined;
  tell(tools, await open(tools, folder).create({ roles, feeds, keys }));
}

export async function publish(
  tools: CommandTools,
  options: Record<string, unknown>,
  [folder = '', file = '']: readonly string[],
): Promise<void> {
  const id = readText(options, 'component') ?? '';
  const entry = (await readRepository(folder)).catalogue.components.get(id);
  const component = readDescription(options, id, entry?.newest.component);
  const keys = await readSigningKeys(tools, options);
  const progress = createProgress(tools.context);
  try {
    const outcome = await open(tools, folder).publish({
      area: options['feed'] === true ? 'feeds' : 'components',
      component,
      release: readInteger(options, 'release') ?? (entry?.newest.release ?? 0) + 1,
      version: readText(options, 'version') ?? '',
      isUrgent: options['urgent'] === true,
      file,
      makeIncrement,
      keys,
      onProgress: ({ done, all }) => progress.update(done, all, `${done} of ${all} files`),
    });
    progress.end();
    tell(tools, outcome);
  } finally {
    progress.end();
  }
}

/** What options say, and for the rest what the newest release said. */
function readDescription(
  options: Record<string, unknown>,
  id: string,
  known: ComponentDescription | undefined,
): ComponentDescription {
  const kind: ComponentKind | undefined = readChoice(options, 'kind', componentKinds) ?? known?.kind;
  const handler = readText(options, 'handler') ?? known?.handler;
  if (kind === undefined || handler === undefined) {
    throw new CliError('ARGUMENT_INVALID', `The first release of ${id} needs --kind and --handler.`);
  }
  const platforms = readTexts(options, 'platform');
  const dependencies = readTexts(options, 'depends').map((text) => {
    const [component = '', release] = text.split(':');
    if (release === undefined) return { component };
    if (!/^[1-9]\d{0,14}$/.test(release))
      throw new CliError('ARGUMENT_INVALID', `--depends takes ID or ID:RELEASE, not "${text}".`);
    return { component, release: Number(release) };
  });
  return {
    id,
    kind,
    handler,
    title: readText(options, 'title') ?? known?.title ?? id,
    platforms: platforms.length > 0 ? platforms : (known?.platforms ?? ['any']),
    dependencies: dependencies.length > 0 ? dependencies : (known?.dependencies ?? []),
  };
}

export async function sign(
  tools: CommandTools,
  options: Record<string, unknown>,
  [folder = '']: readonly string[],
): Promise<void> {
  const repository = open(tools, folder);
  if (options['discard'] === true) {
    await repository.discardDrafts();
    tools.printer.result({ discarded: true }, () => 'Nothing waits for a signature any more.\n');
    return;
  }
  const renewed = readChoice(options, 'renew', ['root', 'targets']);
  const keys = await readSigningKeys(tools, options);
  tell(tools, renewed === undefined ? await repository.sign(keys) : await repository.renew(renewed, keys));
}

export async function refresh(
  tools: CommandTools,
  options: Record<string, unknown>,
  [folder = '']: readonly string[],
): Promise<void> {
  tell(tools, await open(tools, folder).refresh(await readSigningKeys(tools, options)));
}

export async function rotateKeys(
  tools: CommandTools,
  options: Record<string, unknown>,
  [folder = '', ...names]: readonly string[],
): Promise<void> {
  const setting = await readRoleSetting(options, 'public', readInteger(options, 'threshold') ?? 1);
  const roles = names.map((name) => {
    const role = roleNames.find((known) => known === name);
    if (role !== undefined) return [role, setting] as const;
    throw new CliError('ARGUMENT_INVALID', `There is no role "${name}"; there are ${roleNames.join(', ')}.`);
  });
  const keys = await readSigningKeys(tools, options);
  tell(tools, await open(tools, folder).rotateKeys({ roles: Object.fromEntries(roles), keys }));
}
