import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Window } from './browser.ts';

/**
 * Steps in one window that build upon each other. One that fails says what the page showed; what comes after it is
 * not tried any more.
 */
export function createSteps(
  window: () => Window,
  tellMore: () => string,
): (name: string, work: () => Promise<void>) => void {
  let failed: string | undefined;
  return (name, work) => {
    void test(name, async (t) => {
      if (failed !== undefined) return t.skip(`after the failure of: ${failed}`);
      failed = name;
      const { page, faults } = window();
      try {
        await work();
      } catch (error) {
        const shown = await page
          .locator('body')
          .innerText({ timeout: 1_000 })
          .catch(() => '');
        throw new Error(
          `${String(error)}\n--- ${page.url()} showed:\n${shown}\n--- faults:\n${faults.join('\n')}\n--- output:\n${tellMore()}`,
          { cause: error },
        );
      }
      assert.deepEqual(faults, [], 'the page reported faults');
      failed = undefined;
    });
  };
}
