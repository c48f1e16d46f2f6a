import { medianOf, printFigures } from './report.ts';
import { startSubject, type Subject } from './subject.ts';
import { sealHeartbeats } from './udp/heartbeats.ts';
import { sendDatagrams } from './udp/load.ts';

// UDP heartbeats through verification, presence and acknowledgement, beside a bare socket that echoes, in
// alternating rounds of one run. Datagrams of 56 bytes both ways; the sender is the same for both.

const productCount = 100_000;
const rounds = 5;
const roundMs = 3_000;

interface Round {
  readonly ratePerSecond: number;
  readonly cpuUsEach: number;
}

async function measure(
  subject: Subject,
  datagrams: readonly Uint8Array[],
  offset: number,
): Promise<Round & { sent: number }> {
  const before = await subject.cpuUs();
  const { answered, sent, ratePerSecond } = await sendDatagrams(subject.port, datagrams, offset, roundMs);
  const after = await subject.cpuUs();
  if (answered < sent * 0.99) throw new Error(`Only ${answered} of ${sent} datagrams were answered.`);
  return { ratePerSecond, cpuUsEach: (after - before) / answered, sent };
}

const datagrams = sealHeartbeats(productCount, 1_500_000);
const echo = await startSubject('./udp/echo.subject.ts');
const holdfast = await startSubject('./udp/heartbeat.subject.ts', [String(productCount)]);
try {
  const bare: Round[] = [];
  const ours: Round[] = [];
  let offset = 0;
  for (let round = -1; round < rounds; round++) {
    const reference = await measure(echo, datagrams, 0);
    // Each heartbeat is used once: a repeated one would be refused as a replay.
    const measured = await measure(holdfast, datagrams, offset);
    offset += measured.sent;
    if (round < 0) continue; // The first round warms both up.
    bare.push(reference);
    ours.push(measured);
  }
  const bareRate = medianOf(bare.map((round) => round.ratePerSecond));
  const ourRate = medianOf(ours.map((round) => round.ratePerSecond));
  const bareCpu = medianOf(bare.map((round) => round.cpuUsEach));
  const ourCpu = medianOf(ours.map((round) => round.cpuUsEach));
  printFigures(
    `UDP heartbeats of ${productCount.toLocaleString('en')} products, median of ${rounds} rounds`,
    [
      { name: 'bare echo, answered', value: bareRate, unit: '/s' },
      { name: 'heartbeats, answered', value: ourRate, unit: '/s' },
      { name: 'rate against the echo', value: (ourRate / bareRate) * 100, unit: '%' },
      { name: 'bare echo, processor time', value: bareCpu, unit: 'µs each' },
      { name: 'heartbeats, processor time', value: ourCpu, unit: 'µs each' },
      { name: 'rate per processor second against the echo', value: (bareCpu / ourCpu) * 100, unit: '%' },
      {
        name: 'presence, bytes per product',
        value: Number(holdfast.facts['presenceBytes']) / productCount,
        unit: 'B',
      },
    ],
  );
} finally {
  await echo.stop();
  await holdfast.stop();
}
