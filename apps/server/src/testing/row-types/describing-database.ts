import {
  type CompiledQuery,
  type DatabaseConnection,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type pg from 'pg';
import type { Database } from '../../platform/database/index.ts';
import type { Schema } from '../../platform/database/schema.ts';
import { valueParsers } from '../../platform/database/value-parsers.ts';

export interface Described {
  readonly query: CompiledQuery;
  /** Columns with the numbers of their types; the error instead when PostgreSQL does not take the statement. */
  readonly columns: readonly { readonly name: string; readonly dataTypeID: number }[] | Error;
}

type Columns = Exclude<Described['columns'], Error>;

/** Beyond this many statements of one call, it is ended: what is made up may make it ask for ever. */
const MAX_STATEMENTS = 20;

/**
 * A query builder that has every statement parsed and described by PostgreSQL, and executed never. Its rows are made
 * up by the types of the columns.
 *
 * @param onDescribed called with every statement
 */
export function createDescribingDatabase(
  client: pg.Client,
  choose: (count: number) => number,
  onDescribed: (described: Described) => void,
): { readonly db: Database; begin(): void } {
  const known = new Map<string, Described['columns']>();
  let count = 0;
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      count += 1;
      if (count > MAX_STATEMENTS) throw new Error('There is no end of statements.');
      const columns = known.get(query.sql) ?? (await describe(client, query.sql));
      known.set(query.sql, columns);
      onDescribed({ query, columns });
      if (columns instanceof Error) throw columns;
      return { rows: choose(4) === 0 ? [] : [makeRow(columns) as Row], numAffectedRows: BigInt(choose(2)) };
    },
    async *streamQuery() {},
  };
  const nothing = async (): Promise<void> => {};
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (of) => new PostgresIntrospector(of),
      createDriver: () => ({
        init: nothing,
        acquireConnection: async () => connection,
        beginTransaction: nothing,
        commitTransaction: nothing,
        rollbackTransaction: nothing,
        releaseConnection: nothing,
        destroy: nothing,
      }),
    },
  });
  return {
    db,
    begin() {
      count = 0;
    },
  };
}

async function describe(client: pg.Client, text: string): Promise<Described['columns']> {
  return await new Promise((resolve) => {
    let columns: Described['columns'] = [];
    client.query({
      submit(connection: pg.Connection) {
        connection.parse({ name: '', text, types: [] }, true);
        connection.describe({ type: 'S', name: '' }, true);
        connection.sync();
      },
      handleRowDescription(message: { readonly fields: readonly pg.FieldDef[] }) {
        columns = message.fields;
      },
      handleError: resolve,
      handleReadyForQuery: () => resolve(columns),
    } as unknown as pg.Submittable);
  });
}

function makeRow(columns: Columns): Record<string, unknown> {
  // Ids differ, so that nothing is its own parent.
  const made = columns.map(({ name, dataTypeID }, index) => {
    const value = sampleOf(dataTypeID);
    return [name, dataTypeID === UUID ? `${String(value).slice(0, -1)}${index % 10}` : value];
  });
  return Object.fromEntries(made);
}

const UUID = 2950;

/** A value of each type as PostgreSQL writes it. */
const SAMPLES: ReadonlyMap<number, string> = new Map([
  [16, 't'], // boolean
  [17, String.raw`\x00`], // bytea
  [18, 'a'], // "char"
  [19, 'a'], // name
  [20, '1'], // bigint
  [21, '1'], // smallint
  [23, '1'], // integer
  [25, 'a'], // text
  [114, '{}'], // json
  [701, '1'], // double precision
  [869, '127.0.0.1'], // inet
  [1000, '{t}'], // boolean[]
  [1005, '{1}'], // smallint[]
  [1007, '{1}'], // integer[]
  [1009, '{a}'], // text[]
  [1016, '{1}'], // bigint[]
  [1043, 'a'], // character varying
  [1082, '2026-01-01'], // date
  [1184, '2026-01-01 00:00:00+00'], // timestamp with time zone
  [1185, '{"2026-01-01 00:00:00+00"}'], // timestamp with time zone[]
  [1700, '1'], // numeric
  [2278, ''], // void
  [UUID, '00000000-0000-4000-8000-000000000000'], // uuid
  [2951, '{00000000-0000-4000-8000-000000000000}'], // uuid[]
  [3802, '{}'], // jsonb
]);

/** What the driver makes of a value of this type. @throws Error for a type of which there is no sample */
export function sampleOf(dataTypeID: number): unknown {
  const sample = SAMPLES.get(dataTypeID);
  if (sample === undefined) throw new Error(`There is no sample of the type ${dataTypeID}.`);
  return valueParsers.getTypeParser(dataTypeID)(sample);
}
