/** A server in miniature for tests that kill it: runs the database, then inserts rows and prints each acknowledged one. */
import { createDatabase } from './database.ts';
import { startEmbeddedDatabase } from './embedded-database.ts';

const [home = '', count = '0'] = process.argv.slice(2);
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const embedded = await startEmbeddedDatabase({
  home,
  log: silent,
  binariesFolder: process.env['HOLDFAST_POSTGRES_BIN'],
});
const database = createDatabase({ connection: embedded.connection });
const client = await database.connectClient();
await client.query('create table if not exists acknowledged (id integer primary key)');
for (let id = 1; id <= Number(count); id += 1) {
  await client.query('insert into acknowledged (id) values ($1)', [id]);
  process.stdout.write(`${id}\n`);
}
process.stdout.write('ready\n');
// Stays until it is killed.
setInterval(() => {}, 60_000);
