/** Browser and system out of a user agent line, as far as they are known; the beginning of the line otherwise. */
export function browserName(userAgent: string): string {
  const browser = browsers.find(([, pattern]) => pattern.test(userAgent));
  const system = systems.find(([, pattern]) => pattern.test(userAgent));
  if (browser === undefined) return userAgent.split(' ')[0]?.slice(0, 40) ?? '';
  const [name, pattern] = browser;
  const version = pattern.exec(userAgent)?.[1];
  const full = version === undefined ? name : `${name} ${version}`;
  return system === undefined ? full : `${full}, ${system[0]}`;
}

/** In this order: later ones also name themselves like earlier ones. */
const browsers: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg\/(\d+)/],
  ['Opera', /\bOPR\/(\d+)/],
  ['Firefox', /\bFirefox\/(\d+)/],
  ['Chrome', /\bChrome\/(\d+)/],
  ['Chrome', /\bHeadlessChrome\/(\d+)/],
  ['Safari', /\bVersion\/(\d+)[.\d]* (?:Mobile\/\S+ )?Safari\//],
];

const systems: readonly (readonly [string, RegExp])[] = [
  ['Windows', /Windows NT/],
  ['Android', /Android/],
  ['iOS', /iPhone|iPad/],
  ['macOS', /Mac OS X/],
  ['Linux', /Linux/],
];
