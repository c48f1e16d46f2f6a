import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { limits } from '@holdfast/protocol';
import { logEvents } from './log-event.ts';

test('the guide lists every event with its journal and severity, and no other', () => {
  const guide = readFileSync(new URL('../../../../../docs/agent.md', import.meta.url), 'utf8');
  const [, section = ''] = /## What it reports of itself\n(.*?)\n## /su.exec(guide) ?? [];
  const listed = [...section.matchAll(/^\| `([a-z-]+)` \| (\w+) \| (\w+)/gmu)].map(([, ...row]) =>
    row.join(' '),
  );
  const known = Object.entries(logEvents).map(
    ([type, { journal, severity }]) => `${type} ${journal} ${severity}`,
  );
  assert.deepEqual(listed.toSorted(), known.toSorted());
});

test('types and texts are within the bounds of the protocol', () => {
  for (const [type, { text }] of Object.entries(logEvents)) {
    assert.match(type, /^[a-z][a-z0-9-]*$/u);
    assert.ok(type.length <= limits.maxLogTypeCharacters && text.length <= limits.maxLogTextCharacters);
  }
});
