import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SetupFault } from '../setup/fault.mjs';

/** Where the lists lie, one for each module or kind. */
export const FAULT_FOLDER = 'tools/mutants/faults';

const TEXTS = ['file', 'find', 'replace', 'notice'];

/**
 * A list: `tests`, parts of paths as `npm test` takes them, and `faults`, each with `file`, `find` (a text that stands in it once),
 * `replace`, `notice` (what a user would notice) and, where they are others than those of the list, `tests` of its own.
 *
 * @throws SetupFault for what is no such list
 */
export function parseFaultList(path, text) {
  const refuse = (reason) => new SetupFault(`${path} is no list of faults: ${reason}.`);
  let list;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw refuse(error.message);
  }
  if (list === null || typeof list !== 'object' || !Array.isArray(list.faults))
    throw refuse('"faults" is missing');
  const strange = Object.keys(list).find((name) => name !== 'tests' && name !== 'faults');
  if (strange !== undefined) throw refuse(`it knows no "${strange}"`);
  return list.faults.map((fault, index) => {
    const where = `fault ${index + 1}`;
    if (fault === null || typeof fault !== 'object') throw refuse(`${where} is no object`);
    for (const name of TEXTS) if (typeof fault[name] !== 'string') throw refuse(`${where} has no "${name}"`);
    if (fault.find === '' || fault.notice === '') throw refuse(`${where} has an empty "find" or "notice"`);
    if (fault.find === fault.replace) throw refuse(`${where} changes nothing`);
    const unknown = Object.keys(fault).find((name) => name !== 'tests' && !TEXTS.includes(name));
    if (unknown !== undefined) throw refuse(`${where} knows no "${unknown}"`);
    const tests = fault.tests ?? list.tests;
    if (!Array.isArray(tests) || tests.length === 0 || tests.some((part) => typeof part !== 'string'))
      throw refuse(`${where} does not say which tests should notice it`);
    const { file, find, replace, notice } = fault;
    return { list: path, file, find, replace, notice, tests };
  });
}

/** The faults of all lists of a clone. */
export function readFaultLists(root) {
  const folder = join(root, FAULT_FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => parseFaultList(`${FAULT_FOLDER}/${name}`, readFileSync(join(folder, name), 'utf8')));
}

/** Those of whose file or list a part is named; all when nothing is. @throws SetupFault when that are none */
export function selectFaults(faults, parts) {
  const chosen = faults.filter(
    ({ file, list }) =>
      parts.length === 0 || parts.some((part) => file.includes(part) || list.includes(part)),
  );
  if (chosen.length > 0) return chosen;
  const lists = [...new Set(faults.map(({ list }) => list))];
  throw new SetupFault(`No planted fault is in a file, or a list, that matches: ${parts.join(' ')}`, {
    remedy: `There are these lists: ${lists.join(', ') || 'none'}.`,
  });
}
