/** What an agent trusts for updates stays, whatever a server that was taken over answers; a new enrolment begins anew. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createRegistrationStore, findTrustedRepository } from './modules/registration/index.ts';
import { openStateDatabase } from './platform/state-database.ts';
import { describeStateFolder } from './platform/state-folder.ts';
import { stateVersion } from './state-version.ts';
import { startPublisher } from './testing/component-publisher.ts';
import { eventually } from './testing/eventually.ts';
import { finalReports, orderCommand } from './testing/fake-orders.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createRunningAgent, openAgent, type RunningAgent } from './testing/running-agent.ts';
import { describeComponent } from './testing/test-component.ts';

const list = describeComponent('list', 'plain-file');

const findDeviceId = ({ database }: RunningAgent): string | undefined =>
  createRegistrationStore(database).find()?.product.deviceId;

async function restart(t: TestContext, former: RunningAgent): Promise<RunningAgent> {
  await former.agent.stop();
  const next = await openAgent(t, former.server, former.home);
  next.agent.start();
  return next;
}

test('a server that answers with another device id does not make an agent forget whose updates it takes', async (t) => {
  const first = await createRunningAgent(t);
  const { server, home } = first;
  const placed = join(home, 'placed/list');
  const owner = await startPublisher(t, server);
  await owner.publish({ component: list, release: 1, content: 'of the owner' });
  first.agent.start();
  await eventually('the component is there', () => existsSync(placed));
  const before = findDeviceId(first);
  const folders = readdirSync(join(home, 'repository'));

  Object.assign(server.state, { deviceId: randomUUID() });
  const thief = await startPublisher(t, server);
  await thief.publish({ component: list, release: 2, content: 'of the thief' });
  const second = await restart(t, first);
  await eventually('the answer is written', () => findDeviceId(second) === server.state.deviceId);
  assert.notEqual(findDeviceId(second), before);
  // With the next start the answer is what the agent knows of itself.
  await restart(t, second);
  const id = orderCommand(server, 'update-now', 3_600_000, {});
  await eventually('the command ends', () => finalReports(server, id).length === 1);
  assert.ok(thief.fetched.includes('metadata/timestamp.json'), 'it did look');
  assert.equal(readFileSync(placed, 'utf8'), 'of the owner');
  assert.deepEqual(readdirSync(join(home, 'repository')), folders);
});

test('an enrolment begins a new trust, and one that changes nothing does not', async (t) => {
  const { server, home, database, agent } = await createRunningAgent(t);
  await agent.stop();
  const find = (): string => {
    const opened = openStateDatabase(describeStateFolder(home).databasePath, stateVersion);
    try {
      return findTrustedRepository(opened);
    } finally {
      opened.close();
    }
  };
  const before = findTrustedRepository(database);
  await runInProcess(['enroll', server.token], { home });
  assert.equal(find(), before);
  await runInProcess(['enroll', server.token, '--force'], { home });
  assert.notEqual(find(), before);
});
