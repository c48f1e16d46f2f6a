import {
  completeComponentRollout,
  type ComponentRollout,
  type DeploymentMode,
  listComponentDeployments,
  listComponentRollouts,
  resumeComponentRollout,
  setComponentDeployment,
} from '@holdfast/api';
import type { Command } from 'commander';
import { CliError, ExitCode } from '../cli.errors.ts';
import type { AddAction } from '../command-tools.ts';
import { readText } from './arguments.ts';
import { confirm } from './confirm.ts';
import { findPlan } from './updates-plans.ts';
import { formatDeployments, formatRollout, formatRollouts } from './updates-text.ts';

const WHICH = 'id from `updates rollouts list`';

/** Who gets new releases, and what is on its way. */
export function addDeploymentCommands(updates: Command, addAction: AddAction): void {
  addAction(
    updates.command('deployments').description('what becomes of new releases, for each component'),
    async ({ client, printer }) => {
      const { deployments } = await (await client()).call(listComponentDeployments, {});
      printer.result(deployments, () => formatDeployments(deployments));
    },
  );
  addAction(
    updates
      .command('deploy')
      .description('say what becomes of new releases of a component; what is on its way ends with it')
      .argument('<component>', 'id from `updates components`')
      .option('--immediately', 'to every device as soon as they are here')
      .option('--never', 'to nobody by themselves')
      .option('--plan <plan>', 'by this plan, to one group after the other')
      .option('--yes', 'do not ask')
      .addHelpText('after', '\nExample:\n  holdfast updates deploy web-rules --plan Careful\n'),
    async (tools, options, [componentId = '']) => {
      const api = await tools.client();
      const plan = readText(options, 'plan');
      const mode = readMode(options);
      const { rollouts } = await api.call(listComponentRollouts, {});
      const current = rollouts.find((one) => one.componentId === componentId && one.endedAt === null);
      if (current !== undefined)
        await confirm(tools, options, [
          `Release ${current.release} is on its way by the plan "${current.planName}". That ends here.`,
        ]);
      const deployment = await api.call(setComponentDeployment, {
        params: { componentId },
        body: { mode, planId: plan === undefined ? null : (await findPlan(api, plan)).id },
      });
      tools.printer.result(deployment, () => formatDeployments([deployment]));
    },
  );
  const rollouts = updates.command('rollouts').description('releases on their way through a plan');
  addAction(
    rollouts
      .command('list')
      .description(
        'releases on their way and those that were, newest first; the exit code says whether one stopped',
      ),
    async ({ client, printer }) => {
      const { rollouts: rows } = await (await client()).call(listComponentRollouts, {});
      printer.result(rows, () => formatRollouts(rows));
      return rows.some(({ state }) => state === 'stopped') ? ExitCode.refused : ExitCode.done;
    },
  );
  addAction(
    rollouts.command('show').description('a rollout with its stages').argument('<rollout>', WHICH),
    async ({ client, printer }, _options, [id = '']) => {
      const { rollouts: rows } = await (await client()).call(listComponentRollouts, {});
      const rollout = pickRollout(rows, id);
      printer.result(rollout, () => formatRollout(rollout));
      return rollout.state === 'stopped' ? ExitCode.refused : ExitCode.done;
    },
  );
  addAction(
    rollouts
      .command('resume')
      .description('let a rollout that stopped go on; what has failed so far stops it no more')
      .argument('<rollout>', WHICH),
    async ({ client, printer }, _options, [rolloutId = '']) => {
      await (await client()).call(resumeComponentRollout, { params: { rolloutId } });
      printer.result({ id: rolloutId, state: 'running' }, () => 'It goes on.\n');
    },
  );
  addAction(
    rollouts
      .command('complete')
      .description('give the release of a rollout to every device now')
      .argument('<rollout>', WHICH)
      .option('--yes', 'do not ask'),
    async (tools, options, [rolloutId = '']) => {
      const api = await tools.client();
      const rollout = pickRollout((await api.call(listComponentRollouts, {})).rollouts, rolloutId);
      await confirm(
        tools,
        options,
        [
          `Every device may have release ${rollout.release} of ${rollout.componentTitle} now. The stages that are left are skipped.`,
        ],
        'everybody',
      );
      await api.call(completeComponentRollout, { params: { rolloutId } });
      tools.printer.result({ id: rolloutId, state: 'done' }, () => 'Every device may have it.\n');
    },
  );
}

/** @throws CliError ARGUMENT_INVALID */
function readMode(options: Record<string, unknown>): DeploymentMode {
  const chosen: readonly DeploymentMode[] = [
    ...(options['immediately'] === true ? (['immediately'] as const) : []),
    ...(options['never'] === true ? (['never'] as const) : []),
    ...(typeof options['plan'] === 'string' ? (['by-plan'] as const) : []),
  ];
  const [mode] = chosen;
  if (mode === undefined || chosen.length > 1)
    throw new CliError('ARGUMENT_INVALID', 'Say one of --immediately, --never and --plan.');
  return mode;
}

/** @throws CliError ROLLOUT_UNKNOWN */
function pickRollout(rollouts: readonly ComponentRollout[], id: string): ComponentRollout {
  const found = rollouts.find((rollout) => rollout.id === id);
  if (found !== undefined) return found;
  throw new CliError('ROLLOUT_UNKNOWN', `There is no rollout "${id}" among the newest.`, {
    remedy: 'List them with `holdfast updates rollouts list`.',
  });
}
