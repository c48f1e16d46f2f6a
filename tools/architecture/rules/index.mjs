/** All rules of the architecture test. A rule that is not in this list is not enforced. */
import { environment, exports, printing, processes, time } from './ambient.mjs';
import { circles } from './circles.mjs';
import { boundaries, directions, testOnly, thirdParty } from './directions.mjs';
import { introductions, names, promises, size } from './files.mjs';
import { doors, http, layers, roles, sql, strangers } from './layers.mjs';
import { vocabulary } from './words.mjs';

export const rules = [
  directions,
  boundaries,
  circles,
  thirdParty,
  testOnly,
  layers,
  doors,
  strangers,
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
