/**
 * The election alone, as a process of its own: for tests that put one on each computer of a LAN.
 *
 * `node lan-election.test-process.ts PRODUCT-NUMBER FITNESS KEY-BYTE [HINT …]` writes a line of JSON for each change; a number on the
 * standard input is its new fitness, the end of it stops it.
 */
import { createSecretKey } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { systemClock } from '@holdfast/kernel';
import { createSilentLog } from '../../testing/silent-log.ts';
import { deriveLanKey } from './lan/lan-key.ts';
import { lanPort } from './lan/lan-link.ts';
import { createLanElection } from './lan-election.ts';

const [productNumber, fitness, keyByte, ...hints] = process.argv.slice(2);
let currentFitness = Number(fitness);
const election = createLanElection({
  productNumber: Number(productNumber),
  keys: [deriveLanKey(createSecretKey(Buffer.alloc(32, Number(keyByte))))],
  findHints: () => hints,
  port: lanPort,
  findInterfaces: networkInterfaces,
  platform: process.platform,
  findFitness: () => currentFitness,
  findNews: () => ({ port: 4_000, revision: 1, urgentRevision: 0 }),
  onChange: ({ isActive, term, leader }) => {
    const line = { isActive, term, leader: leader?.productNumber ?? null, atMs: Date.now() };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  },
  clock: systemClock,
  random: Math.random,
  log: createSilentLog(),
});
process.stdin.on('data', (bytes: Buffer) => {
  currentFitness = Number(bytes.toString().trim());
  election.assess();
});
process.stdin.on('end', () => {
  election.stop();
  setTimeout(() => process.exit(0), 200);
});
election.start();
