import { createGroup } from '@holdfast/api';
import { TOP_GROUP_ID } from '../modules/directory/index.ts';
import { callApi } from './test-api.ts';
import type { TestServer } from './test-server.ts';

let made = 0;

/** A group of its own for a test, so that tests of one file do not see each other's devices. */
export async function makeTestGroup(server: TestServer, parentId: string = TOP_GROUP_ID): Promise<string> {
  made += 1;
  return (await callApi(server, createGroup, { body: { parentId, name: `Test group ${made}` } })).id;
}
