import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigurationError } from './config.errors.ts';
import { type Environment, loadConfig } from './config.ts';
import { configurationVariables } from './config-variables.ts';

function faultsOf(environment: Environment): Record<string, string> {
  try {
    loadConfig(environment);
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.code, 'CONFIGURATION_INVALID');
    return Object.fromEntries(error.faults.map((fault) => [fault.variable, fault.message]));
  }
  return {};
}

test('an empty environment is a complete configuration without any secret', () => {
  const config = loadConfig({ HOME: '/home/somebody' });
  assert.equal(config.port, 8443);
  assert.equal(config.udpPort, 8443);
  assert.equal(config.host, undefined);
  assert.equal(config.database.kind, 'embedded');
  assert.equal(config.tls, undefined);
});

test('all faults are told at once, each with its variable', () => {
  const faults = faultsOf({
    HOLDFAST_PORT: '99999',
    HOLDFAST_HOME: 'relative/path',
    HOLDFAST_LOG_LEVEL: 'loud',
    HOLDFAST_PUBLIC_ADDRESS: 'https://a.example/path,http://b.example',
    HOLDFAST_TLS_CERTIFICATE: '/etc/a.pem',
    HOLDFAST_SESSION_HOURS: '1',
    HOLDFAST_SESSION_IDLE_HOURS: '2',
  });
  assert.deepEqual(Object.keys(faults).sort(), [
    'HOLDFAST_HOME',
    'HOLDFAST_LOG_LEVEL',
    'HOLDFAST_PORT',
    'HOLDFAST_PUBLIC_ADDRESS',
    'HOLDFAST_SESSION_IDLE_HOURS',
    'HOLDFAST_TLS_AUTHORITY',
    'HOLDFAST_TLS_KEY',
  ]);
});

test('a mistyped variable is refused, and the one that is meant is named', () => {
  assert.match(faultsOf({ HOLDFAST_PROT: '1' })['HOLDFAST_PROT'] ?? '', /is HOLDFAST_PORT meant/);
  assert.equal(
    faultsOf({ HOLDFAST_ENTIRELY_DIFFERENT_THING: '1' })['HOLDFAST_ENTIRELY_DIFFERENT_THING'],
    'is not known',
  );
});

test('variables of the agent, of the command line and of other programs are left alone', () => {
  assert.deepEqual(
    faultsOf({
      HOLDFAST_AGENT_HOME: 'x',
      HOLDFAST_SERVER: 'y',
      HOLDFAST_API_KEY: 'z',
      HOLDFAST_CALLED_AS: 'holdfast',
      PATH: '/bin',
      PORT: '1',
    }),
    {},
  );
});

test('the address of the database shows itself to nobody, right or wrong', () => {
  const config = loadConfig({ HOLDFAST_DATABASE_URL: 'postgresql://me:hunter2@db/holdfast' });
  assert.doesNotMatch(inspect(config, { depth: 9 }) + JSON.stringify(config), /hunter2/);
  assert.ok(config.database.kind === 'external');
  assert.equal(config.database.url.reveal(), 'postgresql://me:hunter2@db/holdfast');
  const faults = faultsOf({ HOLDFAST_DATABASE_URL: 'mysql://me:hunter2@db/holdfast' });
  assert.match(faults['HOLDFAST_DATABASE_URL'] ?? '', /postgresql:/);
  assert.doesNotMatch(JSON.stringify(faults), /hunter2/);
});

test('UDP can be turned off or moved', () => {
  assert.equal(loadConfig({ HOLDFAST_UDP_PORT: 'off' }).udpPort, null);
  assert.equal(loadConfig({ HOLDFAST_UDP_PORT: '0' }).udpPort, null);
  assert.equal(loadConfig({ HOLDFAST_UDP_PORT: '9000', HOLDFAST_PORT: '443' }).udpPort, 9000);
  assert.equal(loadConfig({ HOLDFAST_PORT: '443' }).udpPort, 443);
});

test('public addresses are origins, and at most eight', () => {
  assert.deepEqual(
    loadConfig({ HOLDFAST_PUBLIC_ADDRESS: 'https://A.example:443/, https://b:8443' }).publicAddresses,
    ['https://a.example', 'https://b:8443'],
  );
  const many = Array.from({ length: 9 }, (_, index) => `https://h${index}`).join(',');
  assert.match(faultsOf({ HOLDFAST_PUBLIC_ADDRESS: many })['HOLDFAST_PUBLIC_ADDRESS'] ?? '', /at most 8/);
});

test('who receives heartbeats is left to the server unless told', () => {
  assert.equal(loadConfig({}).udpReceivers, undefined);
  assert.equal(loadConfig({ HOLDFAST_UDP_RECEIVERS: '4' }).udpReceivers, 4);
  for (const count of ['0', '17', 'many'])
    assert.match(faultsOf({ HOLDFAST_UDP_RECEIVERS: count })['HOLDFAST_UDP_RECEIVERS'] ?? '', /from 1 to 16/);
});

test('commands that are over are kept for ninety days unless told', () => {
  const DAY_MS = 86_400_000;
  assert.equal(loadConfig({}).commandRetentionMs, 90 * DAY_MS);
  assert.equal(loadConfig({ HOLDFAST_COMMAND_RETENTION_DAYS: '7' }).commandRetentionMs, 7 * DAY_MS);
  assert.equal(loadConfig({}).heldStreamLimit, 5_000);
  assert.equal(loadConfig({ HOLDFAST_HELD_STREAM_LIMIT: '0' }).heldStreamLimit, 0);
  for (const days of ['0', '3651', '1.5', 'never'])
    assert.match(
      faultsOf({ HOLDFAST_COMMAND_RETENTION_DAYS: days })['HOLDFAST_COMMAND_RETENTION_DAYS'] ?? '',
      /from 1 to 3650/,
    );
});

test('the configuration cannot be changed afterwards', () => {
  const config = loadConfig({});
  assert.throws(() => Object.assign(config.session, { idleMs: 1 }), TypeError);
});

test('any text in any variable gives a configuration or a list of faults, never another error', () => {
  const variables = fc.constantFrom(...Object.keys(configurationVariables));
  fc.assert(
    fc.property(fc.dictionary(variables, fc.string({ maxLength: 40 }), { maxKeys: 6 }), (environment) => {
      try {
        loadConfig(environment);
      } catch (error) {
        assert.ok(error instanceof ConfigurationError);
        assert.ok(error.faults.length > 0);
      }
    }),
    { numRuns: 300 },
  );
});

test('the documentation describes every variable', async () => {
  const text = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  for (const name of Object.keys(configurationVariables)) assert.ok(text.includes(`\`${name}\``), name);
});
