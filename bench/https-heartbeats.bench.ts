import { postBodies } from './https/load.ts';
import { medianOf, printFigures } from './report.ts';
import { startSubject, type Subject } from './subject.ts';
import { sealHeartbeats } from './udp/heartbeats.ts';

// HTTPS heartbeats through the server's HTTP edge, verification and presence, beside a bare Fastify route over TLS with
// the same body and an answer of the same size, in alternating rounds of one run, over kept-alive connections.

const productCount = 10_000;
const connections = 64;
const rounds = 5;
const roundMs = 3_000;

interface Round {
  readonly answered: number;
  readonly ratePerSecond: number;
  readonly cpuUsEach: number;
}

async function measure(subject: Subject, bodies: readonly Uint8Array[], offset: number): Promise<Round> {
  const before = await subject.cpuUs();
  const { answered, ratePerSecond } = await postBodies(subject.port, bodies, offset, connections, roundMs);
  return { answered, ratePerSecond, cpuUsEach: ((await subject.cpuUs()) - before) / answered };
}

const bodies = sealHeartbeats(productCount, 600_000);
const bareServer = await startSubject('./https/fastify.subject.ts');
const holdfast = await startSubject('./https/heartbeat.subject.ts', [String(productCount)]);
try {
  const bare: Round[] = [];
  const ours: Round[] = [];
  let offset = 0;
  for (let round = -1; round < rounds; round++) {
    const reference = await measure(bareServer, bodies, 0);
    const measured = await measure(holdfast, bodies, offset);
    offset += measured.answered + connections;
    if (round < 0) continue; // The first round warms both up.
    bare.push(reference);
    ours.push(measured);
  }
  const [bareRate, ourRate] = [bare, ours].map((all) =>
    medianOf(all.map((round) => round.ratePerSecond)),
  ) as [number, number];
  const [bareCpu, ourCpu] = [bare, ours].map((all) => medianOf(all.map((round) => round.cpuUsEach))) as [
    number,
    number,
  ];
  printFigures(`HTTPS heartbeats over ${connections} kept-alive connections, median of ${rounds} rounds`, [
    { name: 'bare Fastify route, answered', value: bareRate, unit: '/s' },
    { name: 'heartbeats, answered', value: ourRate, unit: '/s' },
    { name: 'rate against the bare route', value: (ourRate / bareRate) * 100, unit: '%' },
    { name: 'bare Fastify route, processor time', value: bareCpu, unit: 'µs each' },
    { name: 'heartbeats, processor time', value: ourCpu, unit: 'µs each' },
    { name: 'rate per processor second against the bare route', value: (bareCpu / ourCpu) * 100, unit: '%' },
  ]);
} finally {
  await bareServer.stop();
  await holdfast.stop();
}
