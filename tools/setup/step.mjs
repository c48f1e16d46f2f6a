/** "0.4 s", "12 s", "3 min 5 s". */
export function formatDuration(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Calm progress: one line a step, with its time. It goes to standard error, because the standard output of
 * `holdfast … --json` belongs to the command.
 */
export function createProgress(out = process.stderr) {
  return {
    async step(title, work) {
      const startedAt = performance.now();
      out.write(`${title} … `);
      try {
        const result = await work();
        out.write(`done in ${formatDuration(performance.now() - startedAt)}\n`);
        return result;
      } catch (error) {
        out.write(`failed after ${formatDuration(performance.now() - startedAt)}\n`);
        throw error;
      }
    },
    note(text) {
      out.write(`${text}\n`);
    },
  };
}
