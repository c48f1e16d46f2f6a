import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Node, TaggedTemplateExpression } from 'typescript/unstable/ast';
import {
  isPropertyAccessExpression,
  isTaggedTemplateExpression,
  isTemplateExpression,
} from 'typescript/unstable/ast/is';
import { API, type Checker, type Project, type Type, TypeFlags } from 'typescript/unstable/sync';

/** SQL as it is written, sql`…`: a statement, or an expression that its author gives a type. */
export interface WrittenSql {
  /** Path below the root of the sources, and line. */
  readonly place: string;
  /** Absolute path. */
  readonly file: string;
  /** What stands between its parameters: what is executed is known by it. */
  readonly texts: readonly string[];
  /** What its author says that it gives: a row, a value, or nothing. */
  readonly stated:
    | { readonly form: 'row'; readonly columns: ReadonlyMap<string, ColumnKind> }
    | { readonly form: 'value'; readonly kind: string }
    | { readonly form: 'nothing' };
}

/** `kind` is one of `string`, `number`, `boolean`, `bigint`, `Date`, `Buffer`, `object` and `any`, followed by `[]` for an array of it. */
export interface ColumnKind {
  readonly kind: string;
  readonly isOptional: boolean;
}

export interface SqlSources extends Disposable {
  readonly written: readonly WrittenSql[];
  readonly checker: Checker;
  /** The values that a file exports, by name. */
  exportsOf(file: string): ReadonlyMap<string, Type>;
}

/**
 * Reads the SQL of a TypeScript project.
 *
 * @param root folder of the sources, with its tsconfig.json above it
 * @param isMeant by path below the root: which files count
 */
export function readSqlSources(root: URL, isMeant: (path: string) => boolean): SqlSources {
  const folder = fileURLToPath(root);
  const api = new API({ cwd: folder });
  const project = openProject(api, fileURLToPath(new URL('../tsconfig.json', root)));
  const { checker, program } = project;
  const written = project.rootFiles
    .filter((file) => isMeant(relative(folder, file)))
    .flatMap((file) =>
      listSql(program.getSourceFile(file)).map((node) => ({
        ...readTemplate(node),
        place: `${relative(folder, file)}:${lineOf(node)}`,
        file,
        stated: readStated(checker, node),
      })),
    );
  return {
    written,
    checker,
    exportsOf(file) {
      const source = program.getSourceFile(file);
      const module = source && checker.getSymbolAtLocation(source);
      const exported = module === undefined ? [] : checker.getExportsOfModule(module);
      return new Map(
        exported.flatMap((symbol) => {
          const type = checker.getTypeOfSymbol(symbol);
          return type === undefined ? [] : [[symbol.name, type]];
        }),
      );
    },
    [Symbol.dispose]: () => api.close(),
  };
}

function openProject(api: API, configFile: string): Project {
  const project = api.updateSnapshot({ openProjects: [configFile] }).getProject(configFile);
  if (project === undefined) throw new Error(`${configFile} is not the configuration of a project.`);
  return project;
}

/** Every sql`…` that has a type or is executed where it stands; what is only a part of others shows in those. */
function listSql(source: Node | undefined): TaggedTemplateExpression[] {
  const found = new Set<TaggedTemplateExpression>();
  const isSql = (node: Node): node is TaggedTemplateExpression =>
    isTaggedTemplateExpression(node) && node.tag.getText() === 'sql';
  const visit = (node: Node): void => {
    if (isSql(node) && node.typeArguments !== undefined) found.add(node);
    if (isPropertyAccessExpression(node) && node.name.text === 'execute' && isSql(node.expression)) {
      found.add(node.expression);
    }
    node.forEachChild(visit);
  };
  source?.forEachChild(visit);
  return [...found];
}

function lineOf(node: Node): number {
  return node.getSourceFile().text.slice(0, node.getStart()).split('\n').length;
}

function readTemplate({ template }: TaggedTemplateExpression): Pick<WrittenSql, 'texts'> {
  if (!isTemplateExpression(template)) return { texts: [template.text] };
  return { texts: [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)] };
}

function readStated(checker: Checker, node: TaggedTemplateExpression): WrittenSql['stated'] {
  const argument = node.typeArguments?.[0];
  const type = argument && checker.getTypeFromTypeNode(argument);
  if (type === undefined) return { form: 'nothing' };
  const kind = columnKindOf(checker, type).kind;
  if (kind !== 'object') return { form: 'value', kind };
  const columns = checker.getPropertiesOfType(type).map((member) => {
    const memberType = checker.getTypeOfSymbol(member) ?? checker.getUnknownType();
    return [member.name, columnKindOf(checker, memberType)] as const;
  });
  return { form: 'row', columns: new Map(columns) };
}

/** The parts of a union; any other type by itself. */
export function partsOf(type: Type): readonly Type[] {
  return type.isUnionType() ? type.getTypes() : [type];
}

function columnKindOf(checker: Checker, type: Type): ColumnKind {
  const isA = (part: Type, flags: TypeFlags): boolean => (part.flags & flags) !== 0;
  const parts = partsOf(type);
  const kinds = parts.filter((part) => !isA(part, TypeFlags.Nullable)).map((part) => kindOf(checker, part));
  const [kind, ...others] = new Set(kinds);
  return {
    kind: kind === undefined || others.length > 0 ? 'any' : kind,
    isOptional: parts.some((part) => isA(part, TypeFlags.Undefined)),
  };
}

function kindOf(checker: Checker, type: Type): string {
  if ((type.flags & TypeFlags.StringLike) !== 0) return 'string';
  if ((type.flags & TypeFlags.NumberLike) !== 0) return 'number';
  if ((type.flags & TypeFlags.BooleanLike) !== 0) return 'boolean';
  if ((type.flags & TypeFlags.BigIntLike) !== 0) return 'bigint';
  // A text that has a brand is a text.
  if (type.isIntersectionType()) {
    const kinds = type.getTypes().map((part) => kindOf(checker, part));
    return kinds.find((kind) => kind !== 'object') ?? 'object';
  }
  if (!type.isObjectType()) return 'any';
  if (checker.isArrayLikeType(type)) {
    const element = elementOf(checker, type);
    return element === undefined ? 'any[]' : `${columnKindOf(checker, element).kind}[]`;
  }
  const name = type.getSymbol()?.name;
  if (name === 'Date' || name === 'Buffer') return name;
  return name === 'Uint8Array' ? 'Buffer' : 'object';
}

/** Of what an array has. */
export function elementOf(checker: Checker, type: Type): Type | undefined {
  const byNumber = checker
    .getIndexInfosOfType(type)
    .find(({ keyType }) => (keyType.flags & TypeFlags.Number) !== 0);
  return byNumber?.valueType;
}
