import type { ComponentDescription } from '@holdfast/components';

/** What the publisher of the fleet publishes, of every kind. */
export const components = {
  patterns: {
    id: 'malware-patterns',
    kind: 'pattern',
    title: 'Malware patterns',
    platforms: ['any'],
    handler: 'clamav-database',
    dependencies: [{ component: 'scan-engine' }],
  },
  rules: {
    id: 'web-proxy-rules',
    kind: 'rules',
    title: 'Web proxy rules',
    platforms: ['any'],
    handler: 'rule-files',
    dependencies: [],
  },
  engine: {
    id: 'scan-engine',
    kind: 'engine',
    title: 'Scan engine',
    platforms: ['linux', 'windows'],
    handler: 'plain-file',
    dependencies: [],
  },
  program: {
    id: 'holdfast-agent',
    kind: 'program',
    title: 'Holdfast agent for Linux',
    platforms: ['linux-x64', 'linux-arm64'],
    handler: 'agent-program',
    dependencies: [],
  },
  /** On no device, and its name has no end. */
  vocabulary: {
    id: 'data-loss-vocabulary-of-the-legal-department',
    kind: 'rules',
    title: 'Vocabulary by which documents of the legal department are told from all the others',
    platforms: ['windows'],
    handler: 'rule-files',
    dependencies: [],
  },
} as const satisfies Readonly<Record<string, ComponentDescription>>;
