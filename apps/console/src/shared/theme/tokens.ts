/** The look of the console in one place: every colour, size and face that styles may use. */

export const fontFamily =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI Variable Text', 'Segoe UI', system-ui, Roboto, 'Noto Sans', 'Liberation Sans', sans-serif";
export const monospaceFamily =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Segoe UI Mono', 'Roboto Mono', 'Noto Sans Mono', 'Liberation Mono', monospace";

type Scale = readonly [string, string, string, string, string, string, string, string, string, string];

/** The accent: a deep sea green. 7 fills buttons in light, 6 in dark. */
export const sea: Scale = [
  '#ebf6f5',
  '#d5ecea',
  '#abd9d5',
  '#7cc4be',
  '#4eb0a9',
  '#23938e',
  '#0f7b78',
  '#0b6866',
  '#0a5453',
  '#083f40',
];

export const neutral: Scale = [
  '#f6f8f8',
  '#eef1f1',
  '#e2e7e7',
  '#ced6d7',
  '#b0babc',
  '#879396',
  '#5d696c',
  '#434d50',
  '#2a3235',
  '#161b1d',
];

export const night: Scale = [
  '#e1e7e8',
  '#c0c8ca',
  '#9ba6a9',
  '#758184',
  '#414b4e',
  '#2e3639',
  '#232a2d',
  '#14191b',
  '#0f1315',
  '#0a0d0e',
];

export const red: Scale = [
  '#fdf0ef',
  '#fadcda',
  '#f4b6b2',
  '#f08f88',
  '#ee736b',
  '#d9463e',
  '#c4322b',
  '#ac2822',
  '#8f211c',
  '#701a16',
];

export interface Palette {
  readonly canvas: string;
  readonly sunken: string;
  readonly raised: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly text: string;
  readonly textSoft: string;
  readonly accent: string;
  readonly accentFill: string;
  readonly onAccent: string;
  readonly hover: string;
  readonly selected: string;
  readonly changed: string;
  readonly online: string;
  readonly idle: string;
  readonly attention: string;
  readonly failed: string;
  readonly running: string;
  readonly attentionWash: string;
  readonly failedWash: string;
  readonly onlineWash: string;
  readonly accentWash: string;
  readonly shadow: string;
  /** Dots of tags, by their colours. */
  readonly tagGrey: string;
  readonly tagRed: string;
  readonly tagOrange: string;
  readonly tagGreen: string;
  readonly tagTeal: string;
  readonly tagBlue: string;
  readonly tagPurple: string;
  readonly tagPink: string;
}

export const lightPalette: Palette = {
  canvas: '#ffffff',
  sunken: '#f6f8f8',
  raised: '#ffffff',
  line: '#e2e7e7',
  lineStrong: '#ced6d7',
  text: '#161b1d',
  textSoft: '#5d696c',
  accent: '#0b6866',
  accentFill: '#0b6866',
  onAccent: '#ffffff',
  hover: '#f3f6f6',
  selected: '#e6f3f2',
  changed: '#d5ecea',
  online: '#19773f',
  idle: '#5d696c',
  attention: '#8f5200',
  failed: '#b92d26',
  running: '#1d66a8',
  attentionWash: '#fdf5e6',
  failedWash: '#fdf0ef',
  onlineWash: '#ebf7ef',
  accentWash: '#ebf6f5',
  shadow: '0 1px 2px rgba(22, 27, 29, 0.06), 0 8px 24px rgba(22, 27, 29, 0.1)',
  tagGrey: '#6b777a',
  tagRed: '#c4322b',
  tagOrange: '#b25e09',
  tagGreen: '#19773f',
  tagTeal: '#0b7a78',
  tagBlue: '#1d66a8',
  tagPurple: '#7a4bb5',
  tagPink: '#b03a7c',
};

export const darkPalette: Palette = {
  canvas: '#14191b',
  sunken: '#0f1315',
  raised: '#1a2022',
  line: '#2a3235',
  lineStrong: '#414b4e',
  text: '#e1e7e8',
  textSoft: '#9ba6a9',
  accent: '#4eb0a9',
  accentFill: '#0f7b78',
  onAccent: '#ffffff',
  hover: '#1a2123',
  selected: '#14302f',
  changed: '#1a4442',
  online: '#4fc07c',
  idle: '#9ba6a9',
  attention: '#e2a540',
  failed: '#f08078',
  running: '#6fb1ec',
  attentionWash: '#2b2312',
  failedWash: '#331c1a',
  onlineWash: '#15291c',
  accentWash: '#122b2a',
  shadow: '0 1px 2px rgba(0, 0, 0, 0.4), 0 8px 28px rgba(0, 0, 0, 0.5)',
  tagGrey: '#9ba6a9',
  tagRed: '#f08078',
  tagOrange: '#e8964a',
  tagGreen: '#4fc07c',
  tagTeal: '#4eb0a9',
  tagBlue: '#6fb1ec',
  tagPurple: '#b794e6',
  tagPink: '#e58bbf',
};
