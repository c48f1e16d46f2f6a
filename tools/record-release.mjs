// node tools/record-release.mjs [CHECKOUT]: keeps a copy of a release for the tests of the later ones: its programs, the database and
// keys of a server, the state of an agent, and what the two said to each other. See packages/testkit/previous-release/README.md.
import { join, resolve } from 'node:path';

import { printFault } from './setup/fault.mjs';
import { runInForeground } from './setup/foreground.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  const place = await prepare({ wanted: ['agent'] });
  const checkout = resolve(process.env.INIT_CWD ?? process.cwd(), process.argv[2] ?? place.root);
  const main = join(place.root, 'tools', 'record-release', 'main.mjs');
  const { code } = await runInForeground(place.node, [main, checkout, place.root]);
  process.exitCode = code;
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
