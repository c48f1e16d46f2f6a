import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagColours } from '@holdfast/api';
import { contrastOf } from './contrast.ts';
import { darkPalette, lightPalette, type Palette } from './tokens.ts';

const palettes: readonly (readonly [string, Palette])[] = [
  ['light', lightPalette],
  ['dark', darkPalette],
];
const inks = ['text', 'textSoft', 'accent', 'online', 'idle', 'attention', 'failed', 'running'] as const;
const grounds = ['canvas', 'sunken', 'raised', 'hover', 'selected'] as const;

for (const [name, palette] of palettes) {
  test(`every ink of the ${name} scheme reads on every ground with at least 4.5 to 1`, () => {
    for (const ink of inks) {
      for (const ground of grounds) {
        const contrast = contrastOf(palette[ink], palette[ground]);
        assert.ok(contrast >= 4.5, `${ink} on ${ground}: ${contrast.toFixed(2)}`);
      }
    }
  });

  test(`text on its own wash and on filled buttons reads in the ${name} scheme`, () => {
    const pairs = [
      [palette.attention, palette.attentionWash],
      [palette.failed, palette.failedWash],
      [palette.online, palette.onlineWash],
      [palette.accent, palette.accentWash],
      [palette.text, palette.changed],
      [palette.onAccent, palette.accentFill],
    ] as const;
    for (const [ink, ground] of pairs) {
      assert.ok(contrastOf(ink, ground) >= 4.5, `${ink} on ${ground}: ${contrastOf(ink, ground).toFixed(2)}`);
    }
  });
}

for (const [name, palette] of palettes) {
  test(`the dot of every tag stands out in the ${name} scheme, and no two are alike`, () => {
    const colours = tagColours.map((colour) => {
      const token = palette[`tag${colour.charAt(0).toUpperCase()}${colour.slice(1)}` as keyof Palette];
      for (const ground of grounds) {
        const contrast = contrastOf(token, palette[ground]);
        assert.ok(contrast >= 3, `${colour} on ${ground}: ${contrast.toFixed(2)}`);
      }
      return token;
    });
    assert.equal(new Set(colours).size, tagColours.length);
  });
}

test('black on white has the greatest contrast there is', () => {
  assert.equal(contrastOf('#000000', '#ffffff'), 21);
});

test('a colour that is not six hexadecimal digits is refused', () => {
  assert.throws(() => contrastOf('red', '#ffffff'), RangeError);
});
