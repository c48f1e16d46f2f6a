import { medianOf, printFigures } from './report.ts';
import { startSubject, type Subject } from './subject.ts';
import { sealHeartbeats } from './udp/heartbeats.ts';
import { PacedSender } from './udp/load.ts';
import { findThroughput, type Trial } from './udp/throughput.ts';

// The highest rate of UDP heartbeats at which all are answered, through verification, presence and acknowledgement, beside a
// bare socket that echoes, in alternating rounds of one run. Datagrams of 56 bytes both ways; the sender is the same for all
// three. The server is measured with one thread and with two receivers, as it runs from 10,000 products on.

const productCount = 100_000;
const rounds = 5;
const trialMs = 500;
const firstRate = 30_000;
const heartbeatCount = 2_800_000;

interface Measured extends Trial {
  readonly cpuUsEach: number;
  /** Of the thread that decides. */
  readonly threadCpuUsEach: number;
}

class Measuring {
  readonly results: Measured[] = [];
  readonly #subject: Subject;
  readonly #sender: PacedSender;
  readonly #next: () => Uint8Array;
  #bestRate = 0;

  constructor(subject: Subject, sender: PacedSender, next: () => Uint8Array) {
    this.#subject = subject;
    this.#sender = sender;
    this.#next = next;
  }

  async findThroughput(): Promise<Measured> {
    // From the second search on it begins near the end.
    const from = Math.max(firstRate, this.#bestRate * 0.85);
    const best = await findThroughput(from, async (rate) => {
      const before = await this.#subject.counts();
      const sent = await this.#sender.send(this.#next, rate, trialMs);
      const after = await this.#subject.counts();
      const grown = (name: string): number => Number(after[name]) - Number(before[name]);
      const answered = grown('answered');
      return {
        ...sent,
        answered,
        cpuUsEach: grown('cpuUs') / answered,
        threadCpuUsEach: grown('threadCpuUs') / answered,
      };
    });
    this.#bestRate = best.ratePerSecond;
    return best;
  }

  median(name: keyof Measured): number {
    return medianOf(this.results.map((result) => result[name]));
  }
}

/** Each heartbeat is used once for each subject: a repeated one would be refused as a replay. */
function eachOnce(datagrams: readonly Uint8Array[]): () => Uint8Array {
  let next = 0;
  return () => {
    const datagram = datagrams[next++];
    if (datagram === undefined) throw new Error('More heartbeats were needed than were sealed beforehand.');
    return datagram;
  };
}

const heartbeats = sealHeartbeats(productCount, heartbeatCount);
const [first] = heartbeats;
if (first === undefined) throw new Error('expected: at least one heartbeat');
const subjects = {
  echo: await startSubject('./udp/echo.subject.ts'),
  alone: await startSubject('./udp/heartbeat.subject.ts', [String(productCount), '1']),
  shared: await startSubject('./udp/heartbeat.subject.ts', [String(productCount), '2']),
};
const senders = await Promise.all(Object.values(subjects).map((subject) => PacedSender.open(subject.port)));
const [echoSender, aloneSender, sharedSender] = senders as [PacedSender, PacedSender, PacedSender];
try {
  const echo = new Measuring(subjects.echo, echoSender, () => first);
  const alone = new Measuring(subjects.alone, aloneSender, eachOnce(heartbeats));
  const shared = new Measuring(subjects.shared, sharedSender, eachOnce(heartbeats));
  for (let round = -1; round < rounds; round++) {
    for (const one of [echo, alone, shared]) {
      const best = await one.findThroughput();
      if (round >= 0) one.results.push(best); // The first round warms all up.
    }
  }
  const rate = (one: Measuring): number => one.median('ratePerSecond');
  const ofEcho = (one: Measuring): number =>
    medianOf(one.results.map((it, round) => it.ratePerSecond / (echo.results[round]?.ratePerSecond ?? 0))) *
    100;
  printFigures(
    `UDP heartbeats of ${productCount.toLocaleString('en')} products, highest rate without loss, median of ${rounds} rounds`,
    [
      { name: 'bare echo', value: rate(echo), unit: '/s' },
      { name: 'heartbeats, one thread', value: rate(alone), unit: '/s' },
      { name: 'of the echo in the same round', value: ofEcho(alone), unit: '%' },
      { name: 'heartbeats, two receivers', value: rate(shared), unit: '/s' },
      { name: 'of the echo in the same round', value: ofEcho(shared), unit: '%' },
      { name: 'bare echo, processor time', value: echo.median('cpuUsEach'), unit: 'µs each' },
      { name: 'one thread, processor time', value: alone.median('cpuUsEach'), unit: 'µs each' },
      { name: 'two receivers, processor time', value: shared.median('cpuUsEach'), unit: 'µs each' },
      { name: "of it in the server's own thread", value: shared.median('threadCpuUsEach'), unit: 'µs each' },
      {
        name: 'presence, bytes per product',
        value: Number(subjects.alone.facts['presenceBytes']) / productCount,
        unit: 'B',
      },
    ],
  );
} finally {
  for (const sender of senders) sender.close();
  for (const subject of Object.values(subjects)) await subject.stop();
}
