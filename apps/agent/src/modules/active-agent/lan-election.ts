import { randomBytes } from 'node:crypto';
import type { networkInterfaces } from 'node:os';
import type { Clock } from '@holdfast/kernel';
import type { Log } from '../../platform/log.ts';
import { ElectionPhase, type Leader } from './election/election-state.ts';
import { createParticipant, type Participant, type Utterance } from './election/participant.ts';
import { type LanDatagram, noIpv4, noIpv6, openLanDatagram, sealLanDatagram } from './lan/lan-datagram.ts';
import type { LanKey } from './lan/lan-key.ts';
import { createLanLink, type LanSource } from './lan/lan-link.ts';
import { isSameSegment, listSegments, type Segment, toIpv4Hex, toIpv6Hex } from './lan/segments.ts';

/** How often it is looked for interfaces that came or went. */
const LOOK_EVERY_MS = 5_000;
/** Nobody else heard by multicast for so long: then hints are asked as well. */
const MULTICAST_SILENCE_MS = 5_000;
/** Who is only led by hints asks so often who the Active Agent is, and follows it so long without an answer. */
const SEEK_EVERY_MS = 10_000;
const HINTED_LEASE_MS = 30_000;
/** An interface that leads to the same segment as another one is left out for so long. */
const MUTED_MS = 60_000;
const MAX_HINTS = 8;

/** What an Active Agent has for its members, as its beacons say it. */
export interface LanNews {
  /** TCP; 0: it serves nothing yet. */
  readonly port: number;
  readonly revision: number;
  readonly urgentRevision: number;
}

/** How it stands in one segment. */
export interface SegmentView {
  readonly segment: Segment;
  readonly isActive: boolean;
  readonly term: number;
  readonly standby: number | undefined;
  readonly leader: Leader | undefined;
}

export interface LanElectionOptions {
  readonly productNumber: number;
  /** The present key first. */
  readonly keys: readonly [LanKey, ...LanKey[]];
  /** Addresses of agents of the same network, for where multicast does not pass. Only these are elected there. */
  readonly findHints: () => readonly string[];
  readonly port: number;
  readonly findInterfaces: typeof networkInterfaces;
  readonly platform: NodeJS.Platform;
  readonly findFitness: (segment: Segment) => number;
  readonly findNews: () => LanNews;
  /** After every change of who is the Active Agent somewhere, and of what it has. */
  readonly onChange: (view: SegmentView) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
}

/** The elections of all segments that this computer is in. */
export interface LanElection {
  readonly views: readonly SegmentView[];
  start(): void;
  /** Fitness may have changed. */
  assess(): void;
  /** Says farewell where it is the Active Agent, and closes all sockets. */
  stop(): void;
}

interface Membership {
  readonly segment: Segment;
  readonly participant: Participant;
  timer: NodeJS.Timeout | undefined;
  source: LanSource | undefined;
  multicastHeardAtMs: number;
  sought: { atMs: number };
  mutedUntilMs: number;
  /** What the Active Agent has, as it was last told on. */
  toldNews: string;
}

export function createLanElection(options: LanElectionOptions): LanElection {
  const { productNumber, keys, clock, random, log } = options;
  const findHints = (): readonly string[] => options.findHints().slice(0, MAX_HINTS);
  const instance = randomBytes(8).toString('hex');
  const memberships = new Map<string, Membership>();
  const link = createLanLink({ port: options.port, onDatagram: (bytes, source) => take(bytes, source), log });
  let sequence = 0;
  let look: NodeJS.Timeout | undefined;

  const take = (bytes: Uint8Array, source: LanSource): void => {
    const datagram = openLanDatagram(bytes, keys);
    const one = memberships.get(source.segment.name);
    if (typeof datagram === 'string' || one === undefined) return;
    if (datagram.productNumber === productNumber) return takeOwn(datagram, one);
    if (source.isMulticast) one.multicastHeardAtMs = clock.monotonic();
    one.source = source;
    one.participant.hear(datagram);
    settle(one);
    const news = describeNews(one.participant.state.leader);
    if (news === one.toldNews) return;
    one.toldNews = news;
    tell(one);
  };

  /** What this very process said by another interface comes back here: both lead to one segment, and one is enough. */
  const takeOwn = (datagram: LanDatagram, one: Membership): void => {
    if (datagram.instance !== instance || datagram.ipv6 === addressesOf(one.segment).ipv6) return;
    const other = [...memberships.values()].find(
      ({ segment }) => addressesOf(segment).ipv6 === datagram.ipv6 && segment !== one.segment,
    );
    if (other === undefined) return;
    const worse = isPreferred(one, other) ? other : one;
    worse.mutedUntilMs = clock.monotonic() + MUTED_MS;
    refresh(worse);
  };

  const isPreferred = (one: Membership, other: Membership): boolean => {
    const byFitness = options.findFitness(one.segment) - options.findFitness(other.segment);
    return byFitness === 0 ? one.segment.name < other.segment.name : byFitness > 0;
  };

  const seal = (segment: Segment, utterance: Utterance): Uint8Array => {
    sequence++;
    const news =
      utterance.type === 'beacon' ? options.findNews() : { port: 0, revision: 0, urgentRevision: 0 };
    const datagram: LanDatagram = {
      ...utterance,
      ...news,
      ...addressesOf(segment),
      productNumber,
      instance,
      sequence,
    };
    return sealLanDatagram(datagram, keys[0]);
  };

  const join = (segment: Segment): void => {
    const one: Membership = {
      segment,
      timer: undefined,
      source: undefined,
      multicastHeardAtMs: clock.monotonic(),
      sought: { atMs: Number.NEGATIVE_INFINITY },
      mutedUntilMs: Number.NEGATIVE_INFINITY,
      toldNews: '',
      participant: createParticipant({
        productNumber,
        instance,
        fitness: options.findFitness(segment),
        clock,
        random,
        createNonce: () => randomBytes(8).toString('hex'),
        say: (utterance) => {
          const bytes = seal(segment, utterance);
          link.sendToAll(segment, bytes);
          if (isLedByHints(one)) sendToHints(one, bytes);
        },
        sayBack: (utterance) => {
          if (one.source !== undefined) link.sendTo(segment, one.source, seal(segment, utterance));
        },
        findFollowerLeaseMs: () => (isLedByHints(one) ? HINTED_LEASE_MS : undefined),
        onActive: (term) => {
          log.info('ACTIVE_AGENT', 'This agent is the Active Agent of its LAN.', {
            interface: segment.name,
            term,
          });
          tell(one);
        },
        onStepDown: (reason) => {
          log.info('INACTIVE_AGENT', 'This agent is no Active Agent any more.', {
            interface: segment.name,
            reason,
          });
          tell(one);
        },
        onFollow: () => tell(one),
      }),
    };
    memberships.set(segment.name, one);
    one.participant.start();
    settle(one);
  };

  const isLedByHints = ({ multicastHeardAtMs }: Membership): boolean =>
    findHints().length > 0 && clock.monotonic() - multicastHeardAtMs > MULTICAST_SILENCE_MS;

  const isHinted = ({ ipv4 }: Segment): boolean => ipv4 !== undefined && findHints().includes(ipv4.address);

  const sendToHints = ({ segment }: Membership, bytes: Uint8Array): void => {
    for (const address of findHints()) {
      if (address !== segment.ipv4?.address) link.sendTo(segment, { address, port: options.port }, bytes);
    }
  };

  const tell = (one: Membership): void => options.onChange(viewOf(one));

  /** The next look of a participant at the clock. */
  const settle = (one: Membership): void => {
    clearTimeout(one.timer);
    const { deadlineMs } = one.participant;
    if (!Number.isFinite(deadlineMs)) return;
    one.timer = setTimeout(
      () => {
        // The runtime may be a little early; then the time is not there yet, and it is waited once more.
        if (clock.monotonic() >= one.participant.deadlineMs) one.participant.wake();
        settle(one);
      },
      Math.max(1, Math.ceil(deadlineMs - clock.monotonic())),
    );
    one.timer.unref();
  };

  const refresh = (one: Membership): void => {
    const isMuted = clock.monotonic() < one.mutedUntilMs;
    const isKeptOut = isMuted || (isLedByHints(one) && !isHinted(one.segment));
    one.participant.setFitness(isKeptOut ? 0 : options.findFitness(one.segment));
    settle(one);
  };

  const leave = (one: Membership): void => {
    one.participant.stop();
    clearTimeout(one.timer);
    memberships.delete(one.segment.name);
  };

  const lookAround = (): void => {
    const segments = listSegments(options.findInterfaces(), options.platform);
    for (const one of memberships.values()) {
      const now = segments.find(({ name }) => name === one.segment.name);
      if (now === undefined || !isSameSegment(now, one.segment)) leave(one);
    }
    link.setSegments(segments);
    for (const segment of segments) if (!memberships.has(segment.name)) join(segment);
    for (const one of memberships.values()) {
      refresh(one);
      const nowMs = clock.monotonic();
      if (!isLedByHints(one) || nowMs - one.sought.atMs < SEEK_EVERY_MS) continue;
      one.sought.atMs = nowMs;
      if (one.participant.state.phase !== ElectionPhase.active) one.participant.seek();
    }
  };

  return {
    get views() {
      return [...memberships.values()].map(viewOf);
    },
    start: () => {
      lookAround();
      look = setInterval(lookAround, LOOK_EVERY_MS);
      look.unref();
    },
    assess: () => {
      for (const one of memberships.values()) refresh(one);
    },
    stop: () => {
      clearInterval(look);
      for (const one of memberships.values()) leave(one);
      // The farewells are handed to the system in this turn of the loop or the next.
      setImmediate(() => setImmediate(() => link.close()));
    },
  };
}

function viewOf({ segment, participant }: Membership): SegmentView {
  const { phase, term, standby, leader } = participant.state;
  const isActive = phase === ElectionPhase.active;
  return { segment, isActive, term, standby: standby?.productNumber, leader };
}

function describeNews(leader: Leader | undefined): string {
  if (leader === undefined) return '';
  const { port, revision, urgentRevision } = leader.beacon;
  return `${leader.productNumber} ${port} ${revision} ${urgentRevision}`;
}

function addressesOf({ ipv4, ipv6 }: Segment): { readonly ipv4: string; readonly ipv6: string } {
  return {
    ipv4: ipv4 === undefined ? noIpv4 : toIpv4Hex(ipv4.address),
    ipv6: ipv6 === undefined ? noIpv6 : toIpv6Hex(ipv6.address),
  };
}
