import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LanDatagram, type LanDatagramType, noIpv4, noIpv6, noLanNonce } from '../lan/lan-datagram.ts';
import { findDeadlineMs, stepElection } from './election.ts';
import { type ElectionAction, createElectionState, type ElectionEvent } from './election-state.ts';
import { isBetter, prevails } from './election-order.ts';
import { drawBackOffMs, electionTiming, planHandicapMs } from './election-timing.ts';

const ME = 5;
const USUAL = 500;

/** The election of one agent, with a clock in the hand. */
function createScript(fitness = USUAL, random = 0.5) {
  let state = createElectionState(ME, fitness);
  let nowMs = 1_000;
  const feed = (event: ElectionEvent): string[] => {
    const step = stepElection(state, event, { nowMs, random });
    state = step.state;
    return step.actions.map(nameAction);
  };
  return {
    get state() {
      return state;
    },
    get nowMs() {
      return nowMs;
    },
    feed,
    hear: (datagram: Partial<LanDatagram> & { readonly type: LanDatagramType }, isProven = true) =>
      feed({ type: 'heard', datagram: say(datagram), isProven }),
    /** Lets time pass up to the next deadline, which then is there. */
    wake: () => {
      nowMs = Math.max(nowMs, findDeadlineMs(state));
      return feed({ type: 'timer-fired' });
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function say(datagram: Partial<LanDatagram> & { readonly type: LanDatagramType }): LanDatagram {
  return {
    productNumber: 9,
    instance: '00000000000000aa',
    sequence: 1,
    term: 3,
    fitness: USUAL,
    port: 4_000,
    other: 0,
    otherFitness: 0,
    nonce: noLanNonce,
    revision: 0,
    urgentRevision: 0,
    ipv4: noIpv4,
    ipv6: noIpv6,
    ...datagram,
  };
}

function nameAction(action: ElectionAction): string {
  if (action.type === 'say') {
    const { type, other } = action.statement;
    return other === 0 ? type : `${type} naming ${other}`;
  }
  if (action.type === 'follow') return `follow ${action.leader?.productNumber ?? 'nobody'}`;
  if (action.type === 'step-down') return `step down: ${action.reason}`;
  if (action.type === 'become-active') return `active in ${action.term}`;
  return `ask ${action.productNumber}`;
}

/** An agent that is the only one, and the Active Agent. */
function createActive(fitness = USUAL) {
  const script = createScript(fitness);
  script.feed({ type: 'started' });
  script.wake();
  assert.deepEqual(script.wake(), ['bid']);
  assert.deepEqual(script.wake(), ['bid'], 'said once more');
  assert.deepEqual(script.wake(), ['active in 1', 'beacon']);
  return script;
}

function createFollower(beacon: Partial<LanDatagram> = {}, fitness = USUAL) {
  const script = createScript(fitness);
  script.feed({ type: 'started' });
  assert.deepEqual(script.hear({ type: 'beacon', ...beacon }), ['follow 9']);
  return script;
}

test('an agent that is alone listens, bids twice and becomes the Active Agent within four seconds', () => {
  const script = createActive();
  assert.ok(script.nowMs - 1_000 < 4_000, `${script.nowMs}`);
  assert.deepEqual(script.wake(), ['beacon']);
});

test('an agent that is not to be elected never bids, whatever happens', () => {
  const script = createScript(0);
  script.feed({ type: 'started' });
  script.pass(60_000);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), []);
  assert.equal(findDeadlineMs(script.state), Infinity);
  assert.deepEqual(script.hear({ type: 'beacon', other: ME }), ['follow 9']);
  assert.deepEqual(script.hear({ type: 'farewell', other: ME }), ['follow nobody']);
  script.pass(60_000);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), []);
});

test('a missed lease: the standby bids at once, another one waits', () => {
  const standby = createFollower({ other: ME });
  standby.hear({ type: 'beacon', other: ME });
  standby.pass(electionTiming.leaseMs);
  assert.deepEqual(standby.feed({ type: 'timer-fired' }), ['follow nobody', 'bid']);
  const other = createFollower({ other: 7 });
  other.pass(electionTiming.leaseMs);
  assert.deepEqual(other.feed({ type: 'timer-fired' }), ['follow nobody']);
  assert.deepEqual(other.wake(), ['bid']);
  other.wake();
  assert.deepEqual(other.wake(), ['active in 4', 'beacon']);
});

test('a beacon during the bid: the Active Agent lives, and the bid is withdrawn', () => {
  const script = createFollower({ other: ME });
  script.pass(electionTiming.leaseMs);
  script.feed({ type: 'timer-fired' });
  assert.deepEqual(script.hear({ type: 'beacon' }), ['follow 9']);
  script.pass(electionTiming.bidMs);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), []);
});

test('the better of two bids goes on, and the other one answers for it', () => {
  const bidding = (): ReturnType<typeof createScript> => {
    const script = createScript();
    script.feed({ type: 'started' });
    script.wake();
    script.wake();
    script.pass(electionTiming.answerGapMs);
    return script;
  };
  const worse = bidding();
  assert.deepEqual(worse.hear({ type: 'bid', fitness: USUAL, productNumber: 4 }), []);
  assert.equal(worse.state.phase, 'inactive');
  const better = bidding();
  assert.deepEqual(better.hear({ type: 'bid', fitness: USUAL, productNumber: 6 }), ['bid']);
  assert.equal(better.state.phase, 'bidding');
});

test('whoever only bids keeps nobody from being elected', () => {
  const script = createScript();
  script.feed({ type: 'started' });
  let until = script.nowMs;
  while (script.state.phase !== 'active' && script.nowMs < 20_000) {
    script.hear({ type: 'bid', fitness: 60_000 });
    const deadlineMs = findDeadlineMs(script.state);
    script.pass(Math.min(200, Math.max(0, deadlineMs - script.nowMs)));
    script.feed({ type: 'timer-fired' });
    until = script.nowMs;
  }
  assert.equal(script.state.phase, 'active');
  assert.ok(until < 10_000, `${until}`);
});

test('a clearly worse bid gets an objection in time; one of the same class is let pass', () => {
  const script = createScript(USUAL);
  script.feed({ type: 'started' });
  script.hear({ type: 'bid', fitness: 100 });
  assert.ok(findDeadlineMs(script.state) - script.nowMs < electionTiming.bidMs / 2);
  assert.deepEqual(script.wake(), ['bid']);
  const other = createScript(USUAL);
  other.feed({ type: 'started' });
  other.hear({ type: 'bid', fitness: 410 });
  assert.ok(findDeadlineMs(other.state) - other.nowMs > electionTiming.yieldMs);
});

test('a farewell: the successor takes over at once, and others wait for it', () => {
  const successor = createFollower({ other: ME });
  assert.deepEqual(successor.hear({ type: 'farewell', other: ME }), [
    'follow nobody',
    'active in 4',
    'beacon',
  ]);
  const other = createFollower({ other: 7 });
  assert.deepEqual(other.hear({ type: 'farewell', other: 7 }), ['follow nobody']);
  assert.ok(findDeadlineMs(other.state) - other.nowMs >= electionTiming.farewellMs);
});

test('a farewell of somebody else, or one that was recorded in another run, ends nothing', () => {
  const script = createFollower({ other: ME });
  assert.deepEqual(script.hear({ type: 'farewell', productNumber: 8, other: ME }), []);
  assert.deepEqual(script.hear({ type: 'farewell', instance: '00000000000000bb', other: ME }), []);
});

test('nobody takes over at the word of somebody who may be a recording', () => {
  const script = createScript();
  script.feed({ type: 'started' });
  script.hear({ type: 'beacon', other: ME }, false);
  assert.deepEqual(script.hear({ type: 'farewell', other: ME }, false), ['follow nobody']);
});

test('two Active Agents: the one of the higher class remains, then the one of the lower term', () => {
  const worse = createActive(300);
  worse.pass(electionTiming.answerGapMs);
  assert.deepEqual(worse.hear({ type: 'beacon', fitness: USUAL, term: 7 }), [
    'step down: prevailed',
    'follow 9',
  ]);
  const earlier = createActive();
  earlier.pass(electionTiming.answerGapMs);
  assert.deepEqual(earlier.hear({ type: 'beacon', fitness: USUAL + 50, term: 7 }), ['beacon']);
  const later = createActive();
  assert.deepEqual(later.hear({ type: 'beacon', fitness: 410, term: 0 }), [
    'step down: prevailed',
    'follow 9',
  ]);
});

test('an Active Agent steps down for nobody who may be a recording, and asks', () => {
  const script = createActive();
  assert.deepEqual(script.hear({ type: 'beacon', fitness: 60_000, term: 0 }, false), ['ask 9']);
  assert.equal(script.state.phase, 'active');
  script.pass(electionTiming.challengeAfterMs + 1);
  script.hear({ type: 'offer' });
  const late = createActive();
  for (let beacons = 0; beacons < 130; beacons++) late.wake();
  late.pass(electionTiming.answerGapMs);
  assert.deepEqual(late.hear({ type: 'bid', fitness: 60_000 }, false), ['beacon', 'ask 9']);
});

test('a challenge: only of somebody of a higher class, only after a minute, and it ends in a farewell', () => {
  const script = createActive();
  script.pass(electionTiming.answerGapMs);
  assert.deepEqual(script.hear({ type: 'bid', fitness: 700 }), ['beacon'], 'too early');
  for (let beacons = 0; beacons < 130; beacons++) script.wake();
  script.pass(electionTiming.answerGapMs);
  assert.deepEqual(script.hear({ type: 'bid', fitness: USUAL + 90 }), ['beacon'], 'not clearly better');
  assert.deepEqual(script.hear({ type: 'bid', fitness: 700 }), [
    'farewell naming 9',
    'step down: handed-over',
  ]);
});

test('a pinned agent is let through within seconds', () => {
  const challenger = createFollower({ fitness: USUAL }, 1_500);
  const afterMs = findChallengeMs(challenger);
  assert.ok(afterMs < 10_000, `${afterMs}`);
  const incumbent = createActive();
  for (let beacons = 0; beacons < 12; beacons++) incumbent.wake();
  incumbent.pass(electionTiming.answerGapMs);
  assert.deepEqual(incumbent.hear({ type: 'bid', fitness: 1_500 }), [
    'farewell naming 9',
    'step down: handed-over',
  ]);
});

test('who is clearly better says so after a minute and not before, and not any more when it is not', () => {
  const script = createFollower({ fitness: 300 });
  const afterMs = findChallengeMs(script);
  assert.ok(afterMs >= electionTiming.challengeAfterMs, `${afterMs}`);
  script.feed({ type: 'fitness-changed', fitness: 310 });
  assert.equal(script.state.challengeAtMs, undefined);
});

function findChallengeMs(script: ReturnType<typeof createScript>): number {
  return (script.state.challengeAtMs ?? Infinity) - script.nowMs;
}

test('an Active Agent that slept for longer than its lease says nothing and listens', () => {
  const script = createActive();
  script.pass(electionTiming.leaseMs + electionTiming.beaconEveryMs + 1);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), ['step down: lapsed']);
  assert.equal(script.state.phase, 'inactive');
});

test('an agent that slept between its bid and taking over listens first', () => {
  const script = createFollower({ other: ME });
  script.pass(electionTiming.leaseMs);
  script.feed({ type: 'timer-fired' });
  script.pass(60_000);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), []);
  assert.equal(script.state.phase, 'inactive');
});

test('the standby is named in the beacon, dropped when it is silent, and replaced by somebody clearly better only', () => {
  const script = createActive();
  script.hear({ type: 'offer', productNumber: 7, fitness: 410 });
  assert.deepEqual(script.wake(), ['beacon naming 7']);
  script.hear({ type: 'offer', productNumber: 8, fitness: 590 });
  assert.deepEqual(script.wake(), ['beacon naming 7']);
  script.hear({ type: 'offer', productNumber: 8, fitness: 700 });
  assert.deepEqual(script.wake(), ['beacon naming 8']);
  script.hear({ type: 'offer', productNumber: 6, fitness: 0 });
  for (let beacons = 0; beacons < 12; beacons++) script.wake();
  assert.deepEqual(script.wake(), ['beacon']);
});

test('who follows offers itself while there is no standby, and regularly when it is', () => {
  const script = createFollower();
  const offerInMs = (script.state.offerAtMs ?? Infinity) - script.nowMs;
  assert.ok(offerInMs <= electionTiming.offerBackOffMs, `${offerInMs}`);
  script.pass(offerInMs);
  script.hear({ type: 'beacon' });
  assert.deepEqual(script.feed({ type: 'timer-fired' }), ['offer']);
  script.hear({ type: 'beacon', other: ME });
  script.pass(electionTiming.offerEveryMs);
  script.hear({ type: 'beacon', other: ME });
  assert.deepEqual(script.feed({ type: 'timer-fired' }), ['offer']);
  const suppressed = createFollower();
  suppressed.hear({ type: 'offer', productNumber: 7 });
  assert.ok((suppressed.state.offerAtMs ?? 0) - suppressed.nowMs >= electionTiming.offerPauseMs);
});

test('an Active Agent that becomes unfit says farewell to its standby; so does one that stops', () => {
  for (const event of [
    { type: 'fitness-changed', fitness: 0 },
    { type: 'stop-requested' },
  ] as const satisfies ElectionEvent[]) {
    const script = createActive();
    script.hear({ type: 'offer', productNumber: 7 });
    const reason = event.type === 'stop-requested' ? 'stopped' : 'unfit';
    assert.deepEqual(script.feed(event), ['farewell naming 7', `step down: ${reason}`]);
  }
});

test('a stopped agent does nothing', () => {
  const script = createActive();
  script.feed({ type: 'stop-requested' });
  assert.deepEqual(script.hear({ type: 'beacon' }), []);
  script.pass(60_000);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), []);
});

test('a follower stays with its Active Agent unless another one prevails, and prefers who is proven', () => {
  const script = createFollower();
  assert.deepEqual(script.hear({ type: 'beacon', productNumber: 8, term: 4, fitness: 590 }), []);
  assert.deepEqual(script.hear({ type: 'beacon', productNumber: 8, term: 4, fitness: 700 }, false), []);
  assert.deepEqual(script.hear({ type: 'beacon', productNumber: 8, term: 4, fitness: 700 }), ['follow 8']);
  const doubting = createScript();
  doubting.feed({ type: 'started' });
  doubting.hear({ type: 'beacon', fitness: 60_000 }, false);
  assert.deepEqual(doubting.hear({ type: 'beacon', productNumber: 8, fitness: 100 }), ['follow 8']);
});

test('the highest term does not overflow', () => {
  const script = createFollower({ term: 0xffff_ffff, other: ME });
  assert.deepEqual(script.hear({ type: 'farewell', other: ME }).slice(1), ['active in 4294967295', 'beacon']);
});

test('of any number of Active Agents exactly one remains', () => {
  const standings = [100, 199, 200, 399, 400, 590, 1_400].flatMap((fitness) =>
    [1, 2, 9].flatMap((term) => [3, 4].map((productNumber) => ({ fitness, term, productNumber }))),
  );
  for (const one of standings) {
    for (const other of standings) {
      if (one === other) continue;
      assert.notEqual(prevails(one, other), prevails(other, one));
      if (one.productNumber !== other.productNumber)
        assert.notEqual(isBetter(one, other), isBetter(other, one));
      for (const third of standings) {
        if (prevails(one, other) && prevails(other, third)) assert.ok(prevails(one, third));
      }
    }
  }
});

test('the fitter, the sooner; and of very many only few speak early', () => {
  const fitnesses = [1_500, 590, 401, 390, 201, 190, 1];
  const handicaps = fitnesses.map(planHandicapMs);
  assert.deepEqual(
    handicaps,
    handicaps.toSorted((one, other) => one - other),
  );
  const draws = Array.from({ length: 200 }, (_, index) => drawBackOffMs(500, (index + 0.5) / 200)).sort(
    (one, other) => one - other,
  );
  const [first = 0] = draws;
  assert.ok(draws.filter((ms) => ms - first < 20).length <= 4, `${draws.slice(0, 8).join(', ')}`);
  assert.equal(drawBackOffMs(500, 0), 0);
  assert.ok(drawBackOffMs(500, 1 - 2 ** -53) <= 500);
});
