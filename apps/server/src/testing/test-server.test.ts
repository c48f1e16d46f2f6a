import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getSystemState, listGroups } from '@holdfast/api';
import { type TestServer, startTestServer } from './test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer({
    prepare: (app) => {
      app.platform.registerMcpRoute(
        {
          name: 'planted',
          method: 'GET',
          path: '/mcp/v1/planted',
          access: 'product',
          requestClass: 'commands',
          bodyLimit: 1024,
        },
        async ({ product }) => Buffer.from(String(product?.productNumber)),
      );
    },
  });
});
after(() => server.close());

test('a caller of a test has the permissions that the test gave it and no others', async () => {
  const nobody = await server.call({ method: 'GET', url: getSystemState.path });
  const refused = await server.call(
    { method: 'GET', url: listGroups.path },
    server.actAs({ permissions: ['system:read'] }),
  );
  assert.ok([401, 404].includes(nobody.statusCode));
  assert.ok([403, 404].includes(refused.statusCode));
});

test('a product of a test reaches routes of products under its number', async () => {
  const answer = await server.call({ method: 'GET', url: '/mcp/v1/planted' }, server.actAsProduct(17));
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.body, '17');
});

test('an unknown access token is refused', async () => {
  const answer = await server.call(
    { method: 'GET', url: '/mcp/v1/planted' },
    { authorization: 'Bearer foreign' },
  );
  assert.equal(answer.statusCode, 401);
});
