import {
  getComponent,
  listComponentDownloads,
  listComponents,
  listDeviceComponents,
  startComponentDownload,
} from '@holdfast/api';
import type { Command } from 'commander';
import { ExitCode } from '../cli.errors.ts';
import type { AddAction } from '../command-tools.ts';
import { findDeviceId } from './lookup.ts';
import { waitForDownload } from './updates-download.ts';
import { addDeploymentCommands } from './updates-deployment.ts';
import { addPlanCommands } from './updates-plans.ts';
import { addRateCommand } from './updates-rates.ts';
import { addSourceCommands } from './updates-sources.ts';
import {
  formatComponent,
  formatComponents,
  formatDeviceComponents,
  formatDownload,
  formatDownloads,
} from './updates-text.ts';

const ID = 'id from `updates components`';

/** What the server has of components, where it gets them, and who gets them. What a publisher does is `components`. */
export function addUpdateCommands(program: Command, addAction: AddAction): void {
  const updates = program
    .command('updates')
    .description('components on the server: where they come from, and which devices have them')
    .addHelpText('after', '\nDevices update at once with `holdfast commands issue update-now`.\n');
  addAction(
    updates
      .command('components')
      .description('list components with their newest versions and how devices are with them'),
    async ({ client, printer }) => {
      const { components } = await (await client()).call(listComponents, {});
      printer.result(components, () => formatComponents(components));
    },
  );
  addAction(
    updates
      .command('component')
      .description('a component with its releases and their increments')
      .argument('<component>', ID),
    async ({ client, printer }, _options, [componentId = '']) => {
      const found = await (await client()).call(getComponent, { params: { componentId } });
      printer.result(found, () => formatComponent(found));
    },
  );
  addAction(
    updates
      .command('device')
      .description('the components of a device; the exit code says whether one failed')
      .argument('<device>', 'name or id'),
    async ({ client, printer }, _options, [text = '']) => {
      const api = await client();
      const params = { deviceId: await findDeviceId(api, text) };
      const { components } = await api.call(listDeviceComponents, { params });
      printer.result(components, () => formatDeviceComponents(components));
      return components.some(({ state }) => state === 'failed') ? ExitCode.refused : ExitCode.done;
    },
  );
  addAction(
    updates
      .command('download')
      .description('download what the sources have that is new')
      .option('--wait', 'stay until it has ended, or has failed once')
      .addHelpText('after', '\nExample:\n  holdfast updates download --wait\n'),
    async (tools, options) => {
      const client = await tools.client();
      const asked = await client.call(startComponentDownload, {});
      if (options['wait'] !== true) {
        tools.printer.result(asked, () => `${asked.state}: ${asked.id}\n`);
        return ExitCode.done;
      }
      const ended = await waitForDownload(tools, client, asked);
      tools.printer.result(ended, () => formatDownload(ended));
      return ended.state === 'succeeded' ? ExitCode.done : ExitCode.refused;
    },
  );
  addAction(
    updates.command('downloads').description('downloads, newest first'),
    async ({ client, printer }) => {
      const { downloads } = await (await client()).call(listComponentDownloads, {});
      printer.result(downloads, () => formatDownloads(downloads));
    },
  );
  addSourceCommands(updates, addAction);
  addRateCommand(updates, addAction);
  addPlanCommands(updates, addAction);
  addDeploymentCommands(updates, addAction);
}
