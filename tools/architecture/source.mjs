import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { parseSync } from 'rolldown/utils';

/** Calls `visit` with every node of a syntax tree. */
export function walk(node, visit) {
  if (Array.isArray(node)) {
    for (const child of node) walk(child, visit);
    return;
  }
  if (node === null || typeof node !== 'object') return;
  if (typeof node.type === 'string') visit(node);
  for (const child of Object.values(node)) {
    if (child !== null && typeof child === 'object') walk(child, visit);
  }
}

function isTypeOnly(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return (
    specifiers.length > 0 &&
    specifiers.every((specifier) => specifier.importKind === 'type' || specifier.exportKind === 'type')
  );
}

/** Every way in which one file names another: static, dynamic, re-exported, or in a type. */
function listImports(program) {
  const imports = [];
  walk(program, (node) => {
    const source = node.source;
    if (typeof source?.value !== 'string') return;
    if (node.type === 'TSImportType')
      imports.push({ node, specifier: source.value, isTypeOnly: true, names: [] });
    else if (/^(Import|Export)/.test(node.type)) {
      const names = (node.specifiers ?? []).map((one) => one.imported?.name ?? one.local?.name);
      imports.push({ node, specifier: source.value, isTypeOnly: isTypeOnly(node), names });
    }
  });
  return imports;
}

/** Reads and parses one file. `path` is relative to the root, with forward slashes. */
export function readSource(root, path) {
  const text = readFileSync(join(root, path), 'utf8');
  const language = path.endsWith('.tsx') ? 'tsx' : 'ts';
  const { program, comments, errors } = parseSync(path, text, { lang: language, sourceType: 'module' });
  if (errors.length > 0) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  const lineAt = (offset) => text.slice(0, offset).split('\n').length;
  const imports = listImports(program).map(({ node, specifier, ...rest }) => ({
    ...rest,
    specifier,
    line: lineAt(node.start),
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined,
  }));
  return { path, text, program, comments, imports, lineAt, ...classify(path) };
}

/**
 * Where a file belongs: its package or app (`unit`), its place inside an app (`layer`, `module`), and the role
 * that its suffix names.
 */
export function classify(path) {
  const parts = path.split('/');
  const name = parts.at(-1);
  const unit = parts[0] === 'packages' || parts[0] === 'apps' ? `${parts[0]}/${parts[1]}` : parts[0];
  const inner = unit.includes('/') && parts[2] === 'src' ? parts.slice(3) : [];
  const isTest =
    /\.(test|testing|fixture)(-[a-z-]+)?\.[cm]?tsx?$/.test(name) ||
    name.startsWith('test-') ||
    parts.includes('testing') ||
    unit === 'packages/testkit';
  const isTool = ['e2e', 'bench', 'dev', 'tools'].includes(parts[0]) || /\.config\.[cm]?[jt]s$/.test(name);
  const isMain = /^([a-z-]+\.)?main\.tsx?$/.test(name);
  const layer =
    (inner.length === 1 || inner[0] === 'processes') && isMain
      ? 'main'
      : inner.length === 1 && /^(app|config)\.tsx?$/.test(name)
        ? name.replace(/\.tsx?$/, '')
        : inner[0];
  const role =
    /\.(routes|service|store|errors)\.ts$/.exec(name)?.[1] ?? (name === 'index.ts' ? 'index' : 'rules');
  return {
    unit,
    name,
    isTest,
    isTool,
    isProduct: parts[2] === 'src' && unit.includes('/') && !isTest && !isTool,
    layer,
    module: inner[0] === 'modules' && inner.length > 2 ? inner[1] : undefined,
    role,
  };
}
