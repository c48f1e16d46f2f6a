/**
 * What no tracked file may mention. The patterns are put together from pieces, so that this file does not
 * contain what it looks for.
 */
const HOSTS = [
  'registry\\.npmjs',
  'registry\\.yarnpkg',
  'npm\\.pkg\\.github',
  'deb\\.debian',
  'archive\\.ubuntu',
  'pypi\\.org',
];
const FOLDERS = ['work', 'home', 'Users', 'workspace', 'workspaces', 'root'];
/** People of examples in documents and tests, who have homes too. */
const EXAMPLES = ['alice', 'bob', 'ana', 'user', 'you', 'somebody', 'someone', '[a-z]'];

const FORBIDDEN = [
  {
    pattern: new RegExp(HOSTS.join('|'), 'i'),
    sentence: 'names the host of a package registry: which one to use is the reader’s setting',
  },
  {
    pattern: new RegExp(`(?<![\\w.~})-])/(${FOLDERS.join('|')})/(?!(${EXAMPLES.join('|')})\\b)[\\w.]`),
    sentence: 'holds an absolute path of somebody’s computer',
  },
];

/** The lines of a text that mention what they must not. */
export function findForbiddenTexts(path, text) {
  const findings = [];
  for (const [index, line] of text.split('\n').entries()) {
    for (const { pattern, sentence } of FORBIDDEN) {
      const match = pattern.exec(line);
      if (match !== null) findings.push(`${path}:${index + 1}: ${sentence} (${match[0]})`);
    }
  }
  return findings;
}

/** The packages of a lock file that say where to fetch them from. */
export function findDownloadAddresses(lockText) {
  const { packages } = JSON.parse(lockText);
  return Object.entries(packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && link !== true)
    .map(([name, { resolved }]) => `package-lock.json: ${name} is fetched from ${resolved}`);
}

/** The packages of a lock file whose content nothing vouches for. */
export function findMissingIntegrity(lockText) {
  const { packages } = JSON.parse(lockText);
  return Object.entries(packages)
    .filter(
      ([name, entry]) =>
        name.includes('node_modules/') &&
        entry.link !== true &&
        !(entry.integrity ?? '').startsWith('sha512-'),
    )
    .map(([name]) => `package-lock.json: ${name} has no sha512 checksum`);
}
