import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

import { SetupFault } from './fault.mjs';

/** An environment whose `node` is the pinned runtime, for whatever a tool starts in turn. */
export function runtimeEnvironment(place, env = process.env) {
  return { ...env, PATH: [dirname(place.node), env.PATH ?? ''].join(delimiter) };
}

/**
 * How to start an installed tool under the pinned runtime: its script with our Node, never through the launcher
 * in node_modules/.bin, which would take whatever `node` is on the path (and is a shell script on Windows).
 */
export function toolCommand(place, name) {
  const launcher = join(place.modules, '.bin', name);
  const candidates = [name, `@biomejs/${name}`, name === 'tsc' ? 'typescript' : name];
  for (const candidate of candidates) {
    const manifestPath = join(place.modules, candidate, 'package.json');
    if (!existsSync(manifestPath)) continue;
    const { bin } = JSON.parse(readFileSync(manifestPath, 'utf8'));
    const script = typeof bin === 'string' ? bin : bin?.[name];
    if (script === undefined) continue;
    const file = join(place.modules, candidate, script);
    return { file: place.node, args: [file], env: runtimeEnvironment(place) };
  }
  if (existsSync(launcher)) {
    return { file: place.node, args: [realpathSync(launcher)], env: runtimeEnvironment(place) };
  }
  throw new SetupFault(`There is no tool called "${name}" in node_modules/.bin.`);
}
