import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { SetupFault } from './fault.mjs';
import { explainNpmFailure, findNpmCli, npmEnvironment } from './npm.mjs';
import { createPlace } from './place.mjs';

test('a failure of npm is explained by its cause, with the command and a remedy', () => {
  for (const [output, expected] of [
    ['npm error code ENOTFOUND', /cannot be reached/],
    ['npm error code EAI_AGAIN', /cannot be reached/],
    ['npm error ENOSPC: no space left on device', /disk is full/],
    ['npm error code EINTEGRITY', /does not match the checksum/],
    ['npm error code SELF_SIGNED_CERT_IN_CHAIN', /is not trusted/],
    ['npm error code EACCES', /Permission is missing/],
  ]) {
    const fault = explainNpmFailure(['ci'], { output, code: 1, signal: null });
    assert.ok(fault instanceof SetupFault);
    assert.match(fault.message, /"npm ci"/);
    assert.match(fault.message, expected);
    assert.ok(fault.remedy.length > 0);
    assert.match(fault.details, /npm error/);
  }
  assert.match(explainNpmFailure(['ci'], { output: '', code: 7, signal: null }).message, /exit code 7/);
});

test('npm’s own script is found through the launcher on the path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-npm-'));
  try {
    mkdirSync(join(folder, 'lib', 'npm', 'bin'), { recursive: true });
    mkdirSync(join(folder, 'bin'));
    const script = join(folder, 'lib', 'npm', 'bin', 'npm-cli.js');
    writeFileSync(script, '');
    symlinkSync(script, join(folder, 'bin', 'npm'));
    assert.equal(findNpmCli({ PATH: `/nowhere:${join(folder, 'bin')}` }), script);
    assert.equal(findNpmCli({ PATH: '', npm_execpath: script }), script);
    assert.notEqual(
      findNpmCli({ PATH: join(folder, 'bin'), npm_execpath: '/usr/bin/yarn.js' }),
      '/usr/bin/yarn.js',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('settings of the npm that started us do not change what is installed', () => {
  const env = npmEnvironment(createPlace('/nowhere'), {
    PATH: '/usr/bin',
    NODE_ENV: 'production',
    npm_config_omit: 'dev',
    npm_config_local_prefix: '/elsewhere',
    npm_lifecycle_event: 'start',
    npm_package_name: 'holdfast',
    npm_config_cafile: '/etc/own.pem',
    npm_config_cache: '/var/cache/npm',
  });
  assert.deepEqual(env, {
    PATH: '/usr/bin',
    npm_config_cafile: '/etc/own.pem',
    npm_config_cache: '/var/cache/npm',
    npm_config_update_notifier: 'false',
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_fetch_retry_maxtimeout: '10000',
  });
});
