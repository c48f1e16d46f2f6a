import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toAscii } from './ascii.mjs';

const evaluate = async (code) => (await import(`data:text/javascript,${encodeURIComponent(code)}`)).default;

test('a program in ASCII says and matches what it did before', async () => {
  const codes = [
    'export default "→ für 😀・";',
    'const größe = 7; export default `${größe} é`;',
    'export default ["ä😀".replace(/[ä]/, "x"), /^😀$/u.test("😀"), /[à-ü😀]/u.exec("😀")[0]];',
    '/* → */ export default { ü: 1 };',
  ];
  for (const code of codes) {
    const ascii = toAscii(code);
    assert.match(ascii, /^[\x00-\x7f]*$/u);
    assert.deepEqual(await evaluate(ascii), await evaluate(code));
  }
});

test('what would mean another thing is refused', () => {
  assert.throws(() => toAscii('export default String.raw`→`;'), /raw template/u);
});
