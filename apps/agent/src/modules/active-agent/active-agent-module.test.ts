/** The module in an agent that talks with a server. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { encodeBase64Url } from '@holdfast/kernel';
import { eventually } from '../../testing/eventually.ts';
import { createRunningAgent } from '../../testing/running-agent.ts';
import { createActiveAgentModule, type ActiveAgent, type LanSettingsStore } from './index.ts';

test('what the server says with a heartbeat is fetched from it, where there is no LAN; settings of the server are kept', async (t) => {
  let ready: { readonly activeAgent: ActiveAgent; readonly settings: LanSettingsStore } | undefined;
  const fetched: string[] = [];
  let revision = 0;
  const module = createActiveAgentModule({
    updates: {
      get revision() {
        return revision;
      },
      urgentRevision: 0,
      findVouched: () => undefined,
      update: async (sources) => {
        fetched.push(sources.map(({ name }) => name).join(', '));
        revision = 3;
        return { revision };
      },
      listen: () => () => undefined,
    },
    server: { name: 'the server', open: async () => undefined },
    random: () => 0,
    onReady: (parts) => {
      ready = parts;
    },
  });
  const { agent, server } = await createRunningAgent(t, { moreModules: [module] });
  server.state.catalogueVersion = 3;
  agent.start();
  await eventually('it is fetched', () => fetched.length === 1);
  assert.deepEqual(fetched, ['the server']);
  assert.ok(ready);
  assert.equal(ready.settings.current(), undefined);
  ready.settings.save({ isOn: false, keys: [encodeBase64Url(randomBytes(32))], windowMs: 5 });
  assert.equal(ready.settings.current()?.windowMs, 5);
  assert.deepEqual(ready.activeAgent.view.segments, []);
});
