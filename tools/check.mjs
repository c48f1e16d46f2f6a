// npm run check: format, types, lint, architecture, dependencies, texts, icons, planted faults. All run, even if one fails.
import { runCommand } from './setup/command.mjs';
import { SetupFault } from './setup/fault.mjs';
import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';
import { formatDuration } from './setup/step.mjs';
import { runtimeEnvironment, toolCommand } from './setup/tool.mjs';

const CHECKS = [
  { name: 'format', tool: 'biome', args: ['format', '.'], remedy: 'npm run format' },
  { name: 'types', tool: 'tsc', args: ['-b'] },
  {
    name: 'lint',
    tool: 'oxlint',
    args: ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  },
  { name: 'architecture', script: 'tools/architecture/main.mjs' },
  {
    name: 'dependencies',
    tool: 'knip',
    args: ['--no-progress', '--include', 'files,dependencies,unlisted,unresolved,binaries'],
  },
  { name: 'texts', script: 'tools/check/texts-main.mjs' },
  { name: 'icons', script: 'apps/console/dev/icons.ts', args: ['--check'] },
  { name: 'faults', script: 'tools/mutants.mjs', args: ['--check'] },
];

async function runCheck(place, { tool, script, args = [] }) {
  const command = script === undefined ? toolCommand(place, tool) : { file: place.node, args: [script] };
  const env = runtimeEnvironment(place);
  return await runCommand(command.file, [...command.args, ...args], { cwd: place.root, env });
}

await runProgram(async () => {
  const place = await prepare();
  const wanted = process.argv.slice(2);
  const checks = CHECKS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  if (checks.length === 0) {
    throw new SetupFault(`There is no check called ${wanted.join(', ')}.`, {
      remedy: `There are: ${CHECKS.map(({ name }) => name).join(', ')}.`,
    });
  }
  const failed = [];
  for (const check of checks) {
    const startedAt = performance.now();
    process.stdout.write(`${check.name} … `);
    const { code, output } = await runCheck(place, check);
    const duration = formatDuration(performance.now() - startedAt);
    process.stdout.write(
      code === 0 ? `passed (${duration})\n` : `failed (${duration})\n\n${output.trim()}\n\n`,
    );
    if (code !== 0) failed.push(check);
  }
  const verdict = failed.map(({ name, remedy }) =>
    remedy === undefined ? name : `${name} (run: ${remedy})`,
  );
  process.stdout.write(failed.length === 0 ? '\nAll checks passed.\n' : `\nFailed: ${verdict.join(', ')}.\n`);
  return failed.length === 0 ? 0 : 1;
});
