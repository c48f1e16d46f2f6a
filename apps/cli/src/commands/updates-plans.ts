import {
  type ApiClient,
  changeComponentPlan,
  type ComponentPlan,
  createComponentPlan,
  type Group,
  listComponentPlans,
  listGroups,
  type PlanStage,
  removeComponentPlan,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction } from '../command-tools.ts';
import { parseDuration } from '../output/duration.ts';
import { collect, readText } from './arguments.ts';
import { confirm } from './confirm.ts';
import { pickGroup } from './lookup.ts';
import { formatPlan, formatPlans } from './updates-text.ts';

const WHICH = 'its name, or its id from `updates plans list`';
const STAGE = 'GROUP[,after=DURATION|,at=HH:MM][,success=PERCENT][,failure=PERCENT|none]; may be repeated';
const MINUTE_MS = 60_000;
const defaultSuccess = 90;
const defaultFailure = 5;

/** In which order groups get a release. */
export function addPlanCommands(updates: Command, addAction: AddAction): void {
  const plans = updates
    .command('plans')
    .description('plans by which releases go to one group after the other');
  addAction(plans.command('list').description('list deployment plans'), async ({ client, printer }) => {
    const { plans: rows } = await (await client()).call(listComponentPlans, {});
    printer.result(rows, () => formatPlans(rows));
  });
  addAction(
    plans.command('show').description('a plan with its stages').argument('<plan>', WHICH),
    async ({ client, printer }, _options, [text = '']) => {
      const api = await client();
      const plan = await findPlan(api, text);
      const { groups } = await api.call(listGroups, {});
      printer.result(plan, () => formatPlan(plan, groups));
    },
  );
  addAction(
    plans
      .command('create')
      .description('create a deployment plan')
      .argument('<name>', 'for people, e.g. "Careful"')
      .option('--stage <stage>', STAGE, collect)
      .addHelpText(
        'after',
        `\nStages begin in the order given. Without "after" and "at" a stage begins at once; the next one when ${defaultSuccess} % of its devices have the release, and all stop when it failed on more than ${defaultFailure} %.\n\nExample:\n  holdfast updates plans create Careful --stage Kiosks --stage Berlin/Sales,after=2h --stage /,at=22:00,failure=none\n`,
      ),
    async ({ client, printer }, options, [name = '']) => {
      const api = await client();
      const { groups } = await api.call(listGroups, {});
      const stages = readStages(options, groups);
      if (stages.length === 0)
        throw new CliError('ARGUMENT_INVALID', 'Say with --stage who gets a release first.');
      const plan = await api.call(createComponentPlan, { body: { name, stages } });
      printer.result(plan, () => formatPlan(plan, groups));
    },
  );
  addAction(
    plans
      .command('change')
      .description('rename a plan, or give it other stages')
      .argument('<plan>', WHICH)
      .option('--name <name>', 'another name')
      .option('--stage <stage>', `all stages anew: ${STAGE}`, collect),
    async ({ client, printer }, options, [text = '']) => {
      const api = await client();
      const { id, revision } = await findPlan(api, text);
      const { groups } = await api.call(listGroups, {});
      const name = readText(options, 'name');
      const stages = readStages(options, groups);
      const plan = await api.call(changeComponentPlan, {
        params: { planId: id },
        body: {
          revision,
          ...(name === undefined ? {} : { name }),
          ...(stages.length === 0 ? {} : { stages }),
        },
      });
      printer.result(plan, () => formatPlan(plan, groups));
    },
  );
  addAction(
    plans
      .command('remove')
      .description('remove a plan that no component uses')
      .argument('<plan>', WHICH)
      .option('--yes', 'do not ask'),
    async (tools, options, [text = '']) => {
      const api = await tools.client();
      const { id, name } = await findPlan(api, text);
      await confirm(tools, options, [
        `The plan "${name}" is removed. Releases that are on their way by it go on.`,
      ]);
      await api.call(removeComponentPlan, { params: { planId: id } });
      tools.printer.result({ id, state: 'removed' }, () => 'Removed.\n');
    },
  );
}

/** By id, or by name without regard to case: names are unique that way. @throws CliError PLAN_UNKNOWN */
export async function findPlan(client: ApiClient, text: string): Promise<ComponentPlan> {
  const { plans } = await client.call(listComponentPlans, {});
  const found = plans.find(({ id, name }) => id === text || foldName(name) === foldName(text));
  if (found !== undefined) return found;
  throw new CliError('PLAN_UNKNOWN', `There is no plan "${text}".`, {
    remedy: 'List them with `holdfast updates plans list`.',
  });
}

function readStages(options: Record<string, unknown>, groups: readonly Group[]): PlanStage[] {
  const texts: readonly unknown[] = Array.isArray(options['stage']) ? options['stage'] : [];
  return texts.filter((text) => typeof text === 'string').map((text) => readStage(text, groups));
}

/** @throws CliError ARGUMENT_INVALID, GROUP_UNKNOWN, NAME_AMBIGUOUS */
function readStage(text: string, groups: readonly Group[]): PlanStage {
  // Names of groups may have commas: only what looks like a setting at the end is one.
  const settings = new Map<string, string>();
  let group = text;
  for (;;) {
    const found = /^(.*),(after|at|success|failure)=([^,=]*)$/su.exec(group);
    if (found === null) break;
    const [, rest = '', name = '', value = ''] = found;
    if (settings.has(name)) throw createStageInvalid(text, `"${name}" stands there twice.`);
    settings.set(name, value);
    group = rest;
  }
  const after = settings.get('after');
  const at = settings.get('at');
  if (after !== undefined && at !== undefined)
    throw createStageInvalid(text, 'It begins either after a delay or at a time of day.');
  const delayMs = after === undefined ? 0 : parseDuration(after);
  if (delayMs === undefined || delayMs % MINUTE_MS !== 0)
    throw createStageInvalid(text, 'A delay is whole minutes, such as 30m or 2d.');
  if (at !== undefined && !/^(?:[01]\d|2[0-3]):[0-5]\d$/u.test(at))
    throw createStageInvalid(text, 'A time of day is such as 22:00.');
  const failure = settings.get('failure');
  return {
    groupId: pickGroup(groups, group).id,
    delayMinutes: delayMs / MINUTE_MS,
    startTime: at ?? null,
    successPercent: readPercent(text, settings.get('success')) ?? defaultSuccess,
    failurePercent: failure === 'none' ? null : (readPercent(text, failure) ?? defaultFailure),
  };
}

function readPercent(stage: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,3}$/u.test(text) && Number(text) <= 100) return Number(text);
  throw createStageInvalid(stage, 'A percentage is a whole number from 0 to 100.');
}

function createStageInvalid(stage: string, why: string): CliError {
  return new CliError('ARGUMENT_INVALID', `--stage "${stage}": ${why}`);
}
