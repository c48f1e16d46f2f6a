import { createRule } from '../rule.mjs';
import { walk } from '../source.mjs';

/** The property that comes first in an object literal, and which of its parts are spread. */
function readArgument(argument) {
  if (argument?.type !== 'ObjectExpression') return undefined;
  const [first] = argument.properties;
  const spread = argument.properties.flatMap((one) =>
    one.type === 'SpreadElement' ? [one.argument.name] : [],
  );
  return { first: first?.key?.name, spread };
}

/** `createXModule(…)` and `new XService(…)`. */
function nameOf(node) {
  const name = node.callee?.name ?? '';
  if (node.type === 'CallExpression' && /^create[A-Z]\w*Module$/.test(name)) return name;
  return node.type === 'NewExpression' && /^[A-Z]\w*Service$/.test(name) ? name : undefined;
}

export const signatures = createRule({
  name: 'modules and services of the server are made of one object: the platform, and beside it what else they use',
  because: 'who reads or writes one signature knows all of them, and a new part of the platform changes none',
  atLeast: 50,
  check(tree, { see, complain }) {
    for (const source of tree.sources) {
      if (!source.isProduct || source.unit !== 'apps/server') continue;
      walk(source.program, (node) => {
        const name = nameOf(node);
        if (name === undefined) return;
        see(source);
        const argument = node.arguments.length === 1 ? readArgument(node.arguments[0]) : undefined;
        if (argument?.first !== 'platform' || argument.spread.includes('platform'))
          complain(source, source.lineAt(node.start), `${name} takes one object: { platform, … }`);
      });
    }
  },
  planted: [
    'createAModule(platform);',
    'createAModule({ ...platform, b });',
    'createAModule({ platform, ...platform });',
    'createAModule({ platform }, b);',
    'new AService(platform);',
    'new AService({ b, platform });',
    'new AService({ platform }, b);',
  ].map((text) => ({
    at: 'apps/server/src/modules/a/index.ts',
    files: { 'apps/server/src/modules/a/index.ts': text },
  })),
  allowed: [
    { 'apps/server/src/modules.ts': 'createAModule({ platform, b, ...options });' },
    { 'apps/server/src/modules/a/index.ts': 'new AService({ platform: { clock }, b }); new Services(a);' },
    { 'apps/agent/src/app.ts': 'createAModule(needs);' },
  ],
});
