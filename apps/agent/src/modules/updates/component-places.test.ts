import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { createComponentPlaces } from './component-places.ts';

test('this computer says where a component lies and what takes it up', (t) => {
  const home = createTemporaryFolder(t);
  const places = createComponentPlaces(home);
  assert.deepEqual(places.find('rules'), {}, 'without a file');
  const settings = { place: '/etc/suricata/rules', reload: ['/bin/kill', '-USR2', '1'], isWanted: true };
  writeFileSync(join(home, 'components.json'), JSON.stringify({ rules: settings }));
  assert.deepEqual(places.find('rules'), settings, 'without a new start');
  assert.deepEqual(places.find('constructor'), {});
});

test('settings that are not what they should be keep every component as it is', (t) => {
  const home = createTemporaryFolder(t);
  const places = createComponentPlaces(home);
  const refused = [
    'no JSON',
    '[]',
    '{"A":{}}',
    '{"a":[]}',
    '{"a":{"plase":"/x"}}',
    '{"a":{"place":"x/y"}}',
    '{"a":{"place":"/x/../y"}}',
    '{"a":{"place":"/"}}',
    JSON.stringify({ a: { place: join(home, 'agent.key') } }),
    JSON.stringify({ a: { place: home } }),
    JSON.stringify({ a: { place: join(home, 'programs/current') } }),
    '{"a":{"reload":"/bin/true"}}',
    '{"a":{"reload":[]}}',
    '{"a":{"reload":["true"]}}',
    '{"a":{"reload":["/bin/kill",1]}}',
    JSON.stringify({ a: { reload: ['/bin/true', ...'x'.repeat(16)] } }),
    '{"a":{"isWanted":"no"}}',
    JSON.stringify({ a: { reload: ['/bin/true', 'x'.repeat(1_025)] } }),
    ' '.repeat(65_537),
  ];
  for (const text of refused) {
    writeFileSync(join(home, 'components.json'), text);
    assert.throws(() => places.find('b'), { code: 'COMPONENT_SETTINGS_INVALID' }, text.slice(0, 60));
  }
  writeFileSync(join(home, 'components.json'), JSON.stringify({ a: { place: join(home, 'placed/x') } }));
  assert.deepEqual(places.find('a'), { place: join(home, 'placed/x') });
});
