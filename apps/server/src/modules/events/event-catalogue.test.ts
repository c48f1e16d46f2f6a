import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { listEventTypes } from '@holdfast/api';
import type { TSchema } from 'typebox';
import { callApi } from '../../testing/test-api.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const guideFile = new URL('../../../../../docs/events.md', import.meta.url);
const CATALOGUE = /(?<=<!-- catalogue -->\n)[\s\S]*(?=<!-- \/catalogue -->)/;

interface SchemaParts {
  readonly type?: string;
  readonly anyOf?: readonly SchemaParts[];
  readonly enum?: readonly string[];
  readonly items?: SchemaParts;
  readonly properties?: Readonly<Record<string, SchemaParts>>;
  readonly required?: readonly string[];
}

function describe({ type, anyOf, enum: words, items, properties, required = [] }: SchemaParts): string {
  if (anyOf !== undefined) return anyOf.map(describe).join(' | ');
  if (words !== undefined) return words.map((word) => `"${word}"`).join(' | ');
  if (items !== undefined) return `${describe(items)}[]`;
  if (properties === undefined) return type ?? 'value';
  const parts = Object.entries(properties).map(
    ([name, part]) => `${name}${required.includes(name) ? '' : '?'}: ${describe(part)}`,
  );
  return `{ ${parts.join(', ')} }`;
}

/** Set HOLDFAST_TEST_UPDATE to write the catalogue anew; the difference is then for review. */
test('the catalogue in the guide is what the modules define', async () => {
  const rows = server.app.platform.events.types
    .list()
    .filter(([type]) => !type.startsWith('test-'))
    .map(([type, { title, help, permission, data }]) => {
      const about = help === undefined ? title : `${title}. ${help}`;
      const parts = describe(data as TSchema as SchemaParts).replaceAll('|', '\\|');
      return `| \`${type}\` | ${about} | \`${parts}\` | \`${permission}\` |`;
    });
  assert.ok(rows.length > 30);
  const table = [
    '',
    '| Type | What happened | Data | Whoever reads it needs |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    '',
  ].join('\n');
  const guide = await readFile(guideFile, 'utf8');
  assert.match(guide, CATALOGUE);
  if (process.env['HOLDFAST_TEST_UPDATE'] !== undefined)
    await writeFile(
      guideFile,
      guide.replace(CATALOGUE, () => table),
    );
  assert.equal(CATALOGUE.exec(await readFile(guideFile, 'utf8'))?.[0], table);
});

test('every type says of what kind of thing it tells, and what it means', async () => {
  const { types } = await callApi(server, listEventTypes);
  assert.ok(types.length > 30);
  for (const { type, objectKind, title } of types) {
    assert.ok(/^[a-z-]+$/.test(objectKind) && /^[A-Z]/.test(title), type);
    assert.ok(!title.endsWith('.'), type);
  }
});
