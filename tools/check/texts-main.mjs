// Checks the texts of all tracked files, the lock file, and what the reader's page names.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { here } from '../setup/place.mjs';
import { findStaleNames } from './reading.mjs';
import { findDownloadAddresses, findForbiddenTexts, findMissingIntegrity } from './texts.mjs';
import { readTrackedTexts } from './tracked.mjs';

const texts = await readTrackedTexts(here.root);
const lock = readFileSync(join(here.root, 'package-lock.json'), 'utf8');
const findings = [
  ...texts.flatMap(({ path, text }) => findForbiddenTexts(path, text)),
  ...findDownloadAddresses(lock),
  ...findMissingIntegrity(lock),
  ...texts
    .filter(({ path }) => path === 'docs/reading.md')
    .flatMap((page) => findStaleNames(page, texts).findings),
];
if (texts.length < 50) findings.push(`only ${texts.length} texts were found: the check is blind`);
process.stdout.write(
  `${findings.map((line) => `${line}\n`).join('')}${texts.length} texts, ${findings.length} findings.\n`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
