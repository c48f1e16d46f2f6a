// Runs a tool of node_modules/.bin under the pinned runtime. Usage: node tools/run.mjs <tool> [arguments]
import { printFault } from './setup/fault.mjs';
import { runInForeground } from './setup/foreground.mjs';
import { prepare } from './setup/prepare.mjs';
import { toolCommand } from './setup/tool.mjs';

try {
  const [tool, ...args] = process.argv.slice(2);
  if (tool === undefined) {
    process.stderr.write('Usage: node tools/run.mjs <tool of node_modules/.bin> [arguments]\n');
    process.exitCode = 2;
  } else {
    const place = await prepare();
    const command = toolCommand(place, tool);
    const { code } = await runInForeground(command.file, [...command.args, ...args], { env: command.env });
    process.exitCode = code;
  }
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
