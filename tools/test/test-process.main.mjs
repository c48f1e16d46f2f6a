// Runs the test files that it is told, one after the other, each as a suite of its own: hooks of one do not reach another.
import { suite } from 'node:test';
import { pathToFileURL } from 'node:url';

import { keepRunOpen } from './file-end.mjs';

// No name, so that a pattern for the names of tests never means the file.
const NAMELESS = ' ';

process.on('message', ({ file }) => {
  suite(NAMELESS, () => import(pathToFileURL(file).href));
  keepRunOpen();
});
