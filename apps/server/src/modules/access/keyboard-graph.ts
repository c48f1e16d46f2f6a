/** Neighbours of each key, as the password estimator wants them: six directions, unshifted then shifted sign. */
export type KeyboardGraph = Record<string, (string | null)[]>;

const QWERTY = [
  '`~1!2@3#4$5%6^7&8*9(0)-_=+',
  'qQwWeErRtTyYuUiIoOpP[{]}\\|',
  'aAsSdDfFgGhHjJkKlL;:\'"',
  'zZxXcCvVbBnNmM,<.>/?',
];
const QWERTZ = [
  '^°1!2"3§4$5%6&7/8(9)0=ß?´`',
  'qQwWeErRtTzZuUiIoOpPüÜ+*',
  "aAsSdDfFgGhHjJkKlLöÖäÄ#'",
  'yYxXcCvVbBnNmM,;.:-_',
];
// The digit row begins half a key before the letters: column n of it stands above columns n-1 and n.
const ROW_OFFSETS = [0, 1, 1, 1];

/** Keyboards on which finger walks are looked for. */
export const keyboardGraphs: Readonly<Record<string, KeyboardGraph>> = {
  qwerty: buildGraph(QWERTY),
  qwertz: buildGraph(QWERTZ),
};

function buildGraph(rows: readonly string[]): KeyboardGraph {
  const keys = new Map<string, string>();
  rows.forEach((row, y) => {
    for (let index = 0; index * 2 < row.length; index += 1) {
      keys.set(`${index + (ROW_OFFSETS[y] ?? 0)},${y}`, row.slice(index * 2, index * 2 + 2));
    }
  });
  const graph: KeyboardGraph = {};
  for (const [position, pair] of keys) {
    const [x = 0, y = 0] = position.split(',').map(Number);
    const around = [
      [x - 1, y],
      [x, y - 1],
      [x + 1, y - 1],
      [x + 1, y],
      [x, y + 1],
      [x - 1, y + 1],
    ];
    const neighbours = around.map(([column, row]) => keys.get(`${column},${row}`) ?? null);
    for (const sign of pair) graph[sign] = neighbours;
  }
  return graph;
}
