import { medianOf, printFigures } from './report.ts';
import { startSubject, type Subject } from './subject.ts';
import { sealHeartbeats } from './udp/heartbeats.ts';
import { sendDatagrams } from './udp/load.ts';

// UDP heartbeats through verification, presence and acknowledgement, beside a bare socket that echoes, in
// alternating rounds of one run. Datagrams of 56 bytes both ways; the sender is the same for both. With two receivers the server's own
// thread does less, which shows where a machine has more cores than the sender and one receiver need.

const productCount = 100_000;
const rounds = 5;
const roundMs = 3_000;

interface Round {
  readonly ratePerSecond: number;
  readonly cpuUsEach: number;
  /** Of the thread that decides. */
  readonly threadCpuUsEach: number;
}

async function measure(
  subject: Subject,
  datagrams: readonly Uint8Array[],
  offset: number,
): Promise<Round & { sent: number; answered: number }> {
  const before = await subject.counts();
  const { answered, sent, ratePerSecond } = await sendDatagrams(subject.port, datagrams, offset, roundMs);
  const after = await subject.counts();
  const each = (name: string): number => (Number(after[name]) - Number(before[name])) / answered;
  return { ratePerSecond, cpuUsEach: each('cpuUs'), threadCpuUsEach: each('threadCpuUs'), sent, answered };
}

const datagrams = sealHeartbeats(productCount, 1_800_000);
const echo = await startSubject('./udp/echo.subject.ts');
const holdfast = await startSubject('./udp/heartbeat.subject.ts', [String(productCount), '1']);
const shared = await startSubject('./udp/heartbeat.subject.ts', [String(productCount), '2']);
try {
  const bare: Round[] = [];
  const ours: Round[] = [];
  const both: Round[] = [];
  const offsets = { one: 0, two: 0 };
  for (let round = -2; round < rounds; round++) {
    const reference = await measure(echo, datagrams, 0);
    // Each heartbeat is used once: a repeated one would be refused as a replay.
    const measured = await measure(holdfast, datagrams, offsets.one);
    offsets.one += measured.sent;
    const inTwo = await measure(shared, datagrams, offsets.two);
    offsets.two += inTwo.sent;
    if (round < 0) continue; // The first rounds warm all up; cold code is slow enough for the server to drop what comes at once.
    for (const { answered, sent } of [reference, measured, inTwo])
      if (answered < sent * 0.99) throw new Error(`Only ${answered} of ${sent} datagrams were answered.`);
    bare.push(reference);
    ours.push(measured);
    both.push(inTwo);
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
        name: 'with two receivers, answered',
        value: medianOf(both.map((it) => it.ratePerSecond)),
        unit: '/s',
      },
      {
        name: 'with two receivers, processor time',
        value: medianOf(both.map((it) => it.cpuUsEach)),
        unit: 'µs each',
      },
      {
        name: "of it in the server's own thread",
        value: medianOf(both.map((it) => it.threadCpuUsEach)),
        unit: 'µs each',
      },
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
  await shared.stop();
}
