import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeLinkSecret } from './link-secret.ts';

function historyOf(): {
  readonly replaced: string[];
  readonly state: null;
  replaceState: History['replaceState'];
} {
  const replaced: string[] = [];
  return {
    replaced,
    state: null,
    replaceState: (_state, _unused, url) => {
      replaced.push(String(url));
    },
  };
}

test('the secret of a set-up link is taken out of the address', () => {
  const history = historyOf();
  const secret = takeLinkSecret({ pathname: '/setup', hash: '#abc-123', search: '' }, history);
  assert.equal(secret, 'abc-123');
  assert.deepEqual(history.replaced, ['/setup']);
});

test('the fragment of any other page is left alone', () => {
  const history = historyOf();
  assert.equal(takeLinkSecret({ pathname: '/directory', hash: '#abc', search: '' }, history), undefined);
  assert.deepEqual(history.replaced, []);
});

test('a link without its secret gives none', () => {
  const history = historyOf();
  assert.equal(takeLinkSecret({ pathname: '/invitation', hash: '', search: '' }, history), undefined);
  assert.equal(takeLinkSecret({ pathname: '/invitation', hash: '#', search: '' }, history), undefined);
});
