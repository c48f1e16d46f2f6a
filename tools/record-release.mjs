// node tools/record-release.mjs [CHECKOUT]: keeps a copy of a release for the tests of the later ones: its programs, the database and
// keys of a server, the state of an agent, and what the two said to each other. See packages/testkit/previous-release/README.md.
import { join, resolve } from 'node:path';

import { prepare } from './setup/prepare.mjs';
import { becomeProgram, runProgram } from './setup/program.mjs';

await runProgram(async () => {
  const place = await prepare({ wanted: ['agent'] });
  const checkout = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? place.root);
  const main = join(place.root, 'tools', 'record-release', 'main.mjs');
  const args = [main, checkout, place.root];
  return (await becomeProgram('The recording', place.node, args, { saysItself: false })).code;
});
