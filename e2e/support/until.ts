const usualPauseMs = 50;

/**
 * Asks again and again until the answer is not `undefined`; fails with `what` after the time limit, and with what
 * `tellMore` then has to say.
 */
export async function until<Answer>(
  what: string,
  ask: () => Promise<Answer | undefined> | Answer | undefined,
  limitMs = 30_000,
  tellMore: () => string = () => '',
  pauseMs: number = usualPauseMs,
): Promise<Answer> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`Not within ${limitMs} ms: ${what}\n${tellMore()}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}
