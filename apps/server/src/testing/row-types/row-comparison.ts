import { AliasNode, IdentifierNode, type OperationNode, RawNode } from 'kysely';
import { type Described, sampleOf } from './describing-database.ts';
import type { WrittenSql } from './written-sql.ts';

export interface RowComparison {
  /** Compares a statement, and the expressions within it, with what was written of them. */
  note(described: Described): void;
  /** All that does not agree, and what was never executed. */
  listFaults(): string[];
}

/** @param tolerated parts of messages with which PostgreSQL may refuse a statement because of what was made up */
export function createRowComparison(
  written: readonly WrittenSql[],
  tolerated: readonly string[],
): RowComparison {
  const keyOf = (texts: readonly string[]): string => JSON.stringify(texts);
  const byTexts = Map.groupBy(written, ({ texts }) => keyOf(texts));
  const findWritten = (node: RawNode): readonly WrittenSql[] => byTexts.get(keyOf(node.sqlFragments)) ?? [];
  const unseen = new Set(written);
  const faults = new Set<string>();

  function noteRefusal({ query }: Described, { message }: Error): void {
    if (tolerated.some((part) => message.includes(part))) return;
    const found = RawNode.is(query.query) ? findWritten(query.query) : [];
    for (const one of found) unseen.delete(one);
    const places = found.map(({ place }) => place).join(', ');
    faults.add(`${places}: PostgreSQL refuses it: ${message}: ${query.sql.replace(/\s+/g, ' ').trim()}`);
  }

  /** @param alias under which the statement gives the value of an expression; null for the whole statement */
  function compare(node: RawNode, columns: Columns, alias: string | undefined | null): void {
    for (const one of findWritten(node)) {
      unseen.delete(one);
      for (const fault of compareOne(one, columns, alias)) faults.add(`${one.place}: ${fault}`);
    }
  }

  return {
    note(described) {
      const { query, columns } = described;
      if (columns instanceof Error) {
        noteRefusal(described, columns);
        return;
      }
      for (const { node, alias } of listExpressions(query.query)) {
        compare(node, columns, node === query.query ? null : alias);
      }
    },
    listFaults: () => [
      ...faults,
      ...[...unseen].map(({ place }) => `${place}: no call of a store executes it`),
    ],
  };
}

type Columns = Exclude<Described['columns'], Error>;

function compareOne(written: WrittenSql, columns: Columns, alias: string | undefined | null): string[] {
  const { stated } = written;
  if (stated.form === 'value') {
    const column = columns.find(({ name }) => name === alias);
    return column === undefined ? [] : compareKind(`"${column.name}"`, stated.kind, column.dataTypeID);
  }
  if (stated.form === 'nothing' || alias !== null) return [];
  const given = Map.groupBy(columns, ({ name }) => name);
  return [
    ...[...stated.columns].flatMap(([name, { kind, isOptional }]) => {
      const column = given.get(name)?.[0];
      if (column !== undefined) return compareKind(`"${name}"`, kind, column.dataTypeID);
      return isOptional ? [] : [`the statement gives no "${name}"`];
    }),
    ...[...given].flatMap(([name, { length }]) => [
      ...(stated.columns.has(name) ? [] : [`the row type has no "${name}"`]),
      ...(length > 1 ? [`the statement gives "${name}" more than once`] : []),
    ]),
  ];
}

const json = new Set([114, 3802]);

function compareKind(what: string, stated: string, dataTypeID: number): string[] {
  // The columns say that it is JSON, and not what it holds. No JSON is an instant, bytes or a bigint.
  if (json.has(dataTypeID)) {
    return /^(Date|Buffer|bigint)/.test(stated) ? [`${what} is JSON, and not ${stated}`] : [];
  }
  const given = kindOfValue(sampleOf(dataTypeID));
  const isAny = stated === 'any' || (stated === 'any[]' && given.endsWith('[]'));
  return isAny || stated === given ? [] : [`${what} is ${given}, and not ${stated}`];
}

function kindOfValue(value: unknown): string {
  if (Array.isArray(value)) return `${kindOfValue(value[0])}[]`;
  if (value instanceof Date) return 'Date';
  if (Buffer.isBuffer(value)) return 'Buffer';
  return typeof value;
}

interface FoundExpression {
  readonly node: RawNode;
  readonly alias: string | undefined;
}

/** Every piece of raw SQL within a statement. */
function listExpressions(value: unknown, alias?: string): FoundExpression[] {
  if (Array.isArray(value)) return value.flatMap((one) => listExpressions(one));
  if (value === null || typeof value !== 'object' || !('kind' in value)) return [];
  const node = value as OperationNode;
  if (AliasNode.is(node) && IdentifierNode.is(node.alias)) return listExpressions(node.node, node.alias.name);
  const inner = Object.values(node).flatMap((one) => listExpressions(one));
  return RawNode.is(node) ? [{ node, alias }, ...inner] : inner;
}
