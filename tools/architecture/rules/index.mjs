/** All rules of the architecture test. A rule that is not in this list is not enforced. */
import { environment, exports, printing, processes, time } from './ambient.mjs';
import { circles } from './circles.mjs';
import { boundaries, directions, testOnly, thirdParty } from './directions.mjs';
import { introductions, names, promises, size } from './files.mjs';
import { entryPoints, http, layers, roles, separateModules, sql } from './layers.mjs';
import { signatures } from './signatures.mjs';
import { vocabulary } from './words.mjs';

export const rules = [
  directions,
  boundaries,
  circles,
  thirdParty,
  testOnly,
  layers,
  entryPoints,
  separateModules,
  signatures,
  roles,
  sql,
  http,
  time,
  environment,
  printing,
  processes,
  exports,
  size,
  names,
  introductions,
  promises,
  vocabulary,
];
