// Runs a tool of node_modules/.bin under the pinned runtime. Usage: node tools/run.mjs <tool> [arguments]
import { prepare } from './setup/prepare.mjs';
import { becomeProgram, runProgram } from './setup/program.mjs';
import { toolCommand } from './setup/tool.mjs';

await runProgram(async () => {
  const [tool, ...args] = process.argv.slice(2);
  if (tool === undefined) {
    process.stderr.write('Usage: node tools/run.mjs <tool of node_modules/.bin> [arguments]\n');
    return 2;
  }
  const place = await prepare();
  const { file, args: toolArgs, env } = toolCommand(place, tool);
  const { code } = await becomeProgram(tool, file, [...toolArgs, ...args], { env, saysItself: false });
  return code;
});
