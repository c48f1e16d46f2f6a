import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EventTypeDescription } from '@holdfast/api';
import { eventChoices, eventText } from './event-choices.ts';

const about = (type: string, title: string, permission: EventTypeDescription['permission']) => ({
  type,
  title,
  permission,
  objectKind: 'x',
  help: '',
});
const types = [
  about('api-key.created', 'API key created', 'administrators:read'),
  about('device.moved', 'Device moved', 'directory:read'),
  about('device.renamed', 'Device renamed', 'directory:read'),
  about('webhook.tested', 'Test event', 'settings:read'),
];
const all = (kind: string): string => `All: ${kind}`;

test('what can be chosen stands by kind of object, all of it first, and without what one may not read', () => {
  assert.deepEqual(eventChoices(types, ['directory:read', 'settings:read'], all), [
    {
      group: 'Device',
      items: [
        { value: 'device.*', label: 'All: Device' },
        { value: 'device.moved', label: 'Device moved' },
        { value: 'device.renamed', label: 'Device renamed' },
      ],
    },
  ]);
  assert.deepEqual(
    eventChoices(types, ['administrators:read', 'directory:read'], all).map(({ group }) => group),
    ['API key', 'Device'],
  );
});

test('a pattern is told in words, and one that is not known as it is', () => {
  const texts = { everything: 'Everything', all };
  assert.deepEqual(
    ['*', 'api-key.*', 'device.moved', 'newer.happened'].map((pattern) => eventText(pattern, types, texts)),
    ['Everything', 'All: API key', 'Device moved', 'newer.happened'],
  );
});
