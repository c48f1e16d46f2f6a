import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSeededChance } from '../election/lan-simulation.testing.ts';
import { createMemberState, type FetchOutcome, type LanOffer, type MemberEvent } from './member-state.ts';
import { findMemberDeadlineMs, memberTiming, stepMember } from './member-step.ts';

const WINDOW_MS = 15 * 60_000;
const MINUTE_MS = 60_000;

/** One member, with a clock in the hand. It has state 5 of the repository. */
function createScript({
  random = () => 0.5,
  windowMs = WINDOW_MS,
  isOnLan = true,
}: {
  readonly random?: () => number;
  readonly windowMs?: number;
  readonly isOnLan?: boolean;
} = {}) {
  let nowMs = 1_000_000;
  let state = createMemberState(5, nowMs);
  const feed = (event: MemberEvent): string[] => {
    const step = stepMember(state, event, { nowMs, random: random(), windowMs, isOnLan });
    state = step.state;
    return step.actions.map((action) => {
      if (action.type === 'abort-fetch') return 'abort';
      return action.type === 'fetch-from-lan' ? `lan ${action.productNumber}` : 'server';
    });
  };
  return {
    get state() {
      return state;
    },
    get nowMs() {
      return nowMs;
    },
    feed,
    offer: (offer: Partial<LanOffer> | undefined) =>
      feed({
        type: 'offer-changed',
        offer:
          offer === undefined ? undefined : { productNumber: 9, revision: 5, urgentRevision: 0, ...offer },
      }),
    serverSays: (revision: number, urgentRevision = 0) =>
      feed({ type: 'server-said', revision, urgentRevision }),
    end: (outcome: FetchOutcome) => feed({ type: 'fetch-ended', outcome }),
    /** Waits for what is planned: what comes of it, and how long it took. */
    wait: (): [string, number] => {
      const deadlineMs = findMemberDeadlineMs(state);
      assert.ok(Number.isFinite(deadlineMs), 'nothing is planned');
      const waitedMs = Math.max(0, deadlineMs - nowMs);
      nowMs += waitedMs;
      return [feed({ type: 'timer-fired' }).join(), waitedMs];
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('nothing new: nothing is planned', () => {
  const script = createScript();
  assert.deepEqual(script.offer({}), []);
  assert.deepEqual(script.serverSays(5), []);
  assert.equal(findMemberDeadlineMs(script.state), Infinity);
});

test('a member draws its delay once, and fetches from the Active Agent', () => {
  const script = createScript();
  script.offer({ revision: 6 });
  script.pass(MINUTE_MS);
  script.offer({ revision: 7 });
  const [what, waitedMs] = script.wait();
  assert.deepEqual(
    [what, waitedMs],
    ['lan 9', WINDOW_MS / 2 - MINUTE_MS],
    'not drawn again for the next state',
  );
  assert.deepEqual(script.end({ type: 'done', revision: 7 }), []);
  assert.equal(findMemberDeadlineMs(script.state), Infinity);
});

test('whoever dies while it is asked is left alone, and not the one that took its place', () => {
  const script = createScript();
  script.offer({ revision: 6 });
  assert.deepEqual(script.wait()[0], 'lan 9');
  script.offer({ productNumber: 10, revision: 6 });
  script.end({ type: 'failed' });
  assert.deepEqual(
    script.state.distrusted.map(({ productNumber }) => productNumber),
    [9],
  );
});

test('delays are spread evenly from 0 to 15 minutes', () => {
  const chance = createSeededChance(2_026);
  const count = 20_000;
  const delays = Array.from({ length: count }, () => {
    const script = createScript({ random: chance });
    script.offer({ revision: 6 });
    return findMemberDeadlineMs(script.state) - script.nowMs;
  });
  assert.ok(delays.every((delay) => delay >= 0 && delay < WINDOW_MS));
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / count;
  // Four standard errors of a uniform distribution.
  assert.ok(Math.abs(mean - WINDOW_MS / 2) < (4 * WINDOW_MS) / Math.sqrt(12 * count), `${mean}`);
  const minutes = Array.from({ length: 15 }, () => 0);
  for (const delay of delays)
    minutes[Math.floor(delay / MINUTE_MS)] = (minutes[Math.floor(delay / MINUTE_MS)] ?? 0) + 1;
  const chiSquare = minutes.reduce((sum, seen) => sum + (seen - count / 15) ** 2 / (count / 15), 0);
  // The 99.9 % quantile of 14 degrees of freedom.
  assert.ok(chiSquare < 36.1, `${chiSquare}: ${minutes.join(', ')}`);
});

test('what is urgent, and what an administrator wants now, waits for nothing', () => {
  const urgent = createScript();
  assert.deepEqual(urgent.offer({ revision: 7, urgentRevision: 6 }), ['lan 9']);
  const becoming = createScript();
  becoming.offer({ revision: 6 });
  assert.deepEqual(
    becoming.offer({ revision: 7, urgentRevision: 7 }),
    ['lan 9'],
    'the delay that was drawn is dropped',
  );
  const wanted = createScript();
  wanted.offer({});
  assert.deepEqual(wanted.feed({ type: 'update-wanted' }), ['lan 9']);
  const old = createScript();
  assert.deepEqual(old.offer({ revision: 6, urgentRevision: 5 }), [], 'what was urgent is here already');
});

test('a window of nothing is obeyed', () => {
  assert.deepEqual(createScript({ windowMs: 0 }).offer({ revision: 6 }), ['lan 9']);
});

test('a busy Active Agent is asked again when it says, and the server when patience ends', () => {
  const script = createScript();
  script.offer({ revision: 6 });
  script.wait();
  const startedAtMs = script.nowMs;
  assert.deepEqual(script.end({ type: 'busy', retryAfterMs: 20_000 }), []);
  let asked = 1;
  for (;;) {
    const [what, waitedMs] = script.wait();
    if (what === 'server') break;
    assert.equal(what, 'lan 9');
    assert.ok(waitedMs >= 20_000 && waitedMs <= 30_000, `${waitedMs}`);
    asked++;
    if (script.end({ type: 'busy', retryAfterMs: 20_000 })[0] === 'server') break;
  }
  assert.ok(asked > 15, `${asked}`);
  assert.ok(script.nowMs - startedAtMs <= memberTiming.patienceMs, `${script.nowMs - startedAtMs}`);
});

test('an Active Agent that asks for too long a wait is not waited for', () => {
  const script = createScript();
  script.offer({ revision: 6 });
  script.wait();
  assert.deepEqual(script.end({ type: 'busy', retryAfterMs: 2 ** 40 }), ['server']);
});

test('wrong bytes, silence or an end in the middle: the server at once, and this Active Agent not for a while', () => {
  const script = createScript();
  script.pass(memberTiming.electionMs);
  script.offer({ revision: 6, urgentRevision: 6 });
  assert.deepEqual(script.end({ type: 'failed' }), ['server']);
  script.end({ type: 'done', revision: 6 });
  script.offer({ revision: 7, urgentRevision: 7 });
  assert.equal(findMemberDeadlineMs(script.state), Infinity, 'nothing that it says counts');
  assert.deepEqual(script.serverSays(7, 7), ['server'], 'and what the server says is fetched there');
  script.end({ type: 'done', revision: 7 });
  script.pass(memberTiming.distrustMs);
  assert.deepEqual(script.offer({ revision: 8, urgentRevision: 8 }), ['lan 9']);
  assert.deepEqual(script.end({ type: 'failed' }), ['server']);
  script.end({ type: 'done', revision: 8 });
  script.pass(memberTiming.distrustMs);
  script.offer({ revision: 9, urgentRevision: 9 });
  assert.equal(findMemberDeadlineMs(script.state), Infinity, 'the second time it takes longer');
  assert.deepEqual(
    script.offer({ productNumber: 8, revision: 9, urgentRevision: 9 }),
    ['lan 8'],
    'another one counts',
  );
});

test('an Active Agent that drips for ever is given up, and the server asked', () => {
  const script = createScript();
  script.offer({ revision: 6 });
  assert.equal(script.wait()[0], 'lan 9');
  script.pass(MINUTE_MS);
  assert.deepEqual(script.serverSays(6), [], 'a word in between does not put it off');
  assert.deepEqual(script.wait(), ['abort', memberTiming.transferMs - MINUTE_MS]);
  assert.equal(findMemberDeadlineMs(script.state), Infinity, 'once');
  assert.deepEqual(script.end({ type: 'failed' }), ['server']);
  script.end({ type: 'done', revision: 6 });
  script.offer({ revision: 7, urgentRevision: 7 });
  assert.equal(findMemberDeadlineMs(script.state), Infinity, 'it is left alone');
});

test('what is urgent, or becomes so while it drips, is not dragged out as long', () => {
  const urgent = createScript();
  assert.deepEqual(urgent.offer({ revision: 6, urgentRevision: 6 }), ['lan 9']);
  assert.deepEqual(urgent.wait(), ['abort', memberTiming.urgentTransferMs]);
  const becoming = createScript();
  becoming.offer({ revision: 6 });
  becoming.wait();
  becoming.serverSays(7, 7);
  becoming.pass(MINUTE_MS);
  becoming.serverSays(8, 8);
  assert.deepEqual(becoming.wait(), ['abort', memberTiming.urgentTransferMs - MINUTE_MS]);
  const late = createScript();
  late.offer({ revision: 6 });
  late.wait();
  late.pass(memberTiming.transferMs - MINUTE_MS);
  late.serverSays(7, 7);
  assert.deepEqual(late.wait(), ['abort', MINUTE_MS], 'and no longer than it would have been');
});

test('a fetch from the server is not given up', () => {
  const script = createScript({ isOnLan: false });
  assert.deepEqual(script.serverSays(6, 6), ['server']);
  assert.equal(findMemberDeadlineMs(script.state), Infinity);
});

test('an Active Agent that says it has more than it gives is believed once', () => {
  const script = createScript();
  script.offer({ revision: Number.MAX_SAFE_INTEGER, urgentRevision: Number.MAX_SAFE_INTEGER });
  assert.deepEqual(script.end({ type: 'done', revision: 5 }), [], 'it is not asked again');
  assert.equal(findMemberDeadlineMs(script.state), Infinity);
});

test('a frozen Active Agent: what the server says is fetched there after the grace and the window', () => {
  const script = createScript({ random: () => 0.999 });
  script.offer({});
  script.serverSays(6);
  const [what, waitedMs] = script.wait();
  assert.equal(what, 'server');
  assert.ok(waitedMs <= memberTiming.graceMs + WINDOW_MS, `${waitedMs}`);
  const urgent = createScript({ random: () => 0.999 });
  urgent.offer({});
  urgent.serverSays(6, 6);
  const [, urgentMs] = urgent.wait();
  assert.ok(urgentMs <= memberTiming.urgentGraceMs + memberTiming.urgentSpreadMs, `${urgentMs}`);
});

test('an Active Agent that has it at the last moment, and then is busy for ever, does not win time twice', () => {
  const script = createScript({ random: () => 0.999 });
  script.offer({});
  const saidAtMs = script.nowMs;
  script.serverSays(6);
  script.pass(findMemberDeadlineMs(script.state) - script.nowMs - 1);
  script.offer({ revision: 6 });
  for (let asked = 0; asked < 1_000; asked++) {
    if (script.wait()[0] === 'server') break;
    if (script.end({ type: 'busy', retryAfterMs: 30_000 }).includes('server')) break;
  }
  assert.equal(script.state.isFetching, 'server');
  assert.ok(script.nowMs - saidAtMs <= memberTiming.graceMs + WINDOW_MS + memberTiming.patienceMs);
});

test('an Active Agent that has it within the grace is asked, and not the server', () => {
  const script = createScript();
  script.offer({});
  script.serverSays(6);
  script.pass(MINUTE_MS);
  script.offer({ revision: 6 });
  assert.equal(script.wait()[0], 'lan 9');
});

test('whatever the Active Agent says and does, what the server has is here within the bound', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const chance = createSeededChance(seed);
    const isUrgent = seed % 2 === 0;
    const boundMs = isUrgent
      ? memberTiming.urgentGraceMs + memberTiming.urgentSpreadMs + memberTiming.urgentPatienceMs
      : memberTiming.graceMs + WINDOW_MS + memberTiming.patienceMs;
    const script = createScript({ random: chance });
    script.offer({});
    const saidAtMs = script.nowMs;
    let actions = script.serverSays(6, isUrgent ? 6 : 0);
    while (!actions.includes('server')) {
      assert.ok(script.nowMs - saidAtMs <= boundMs + 1, `seed ${seed}: ${script.nowMs - saidAtMs} ms`);
      if (script.state.isFetching === 'lan') {
        // How long one fetch may go on has a bound of its own.
        const isBusy = chance() < 0.7;
        actions = script.end(isBusy ? { type: 'busy', retryAfterMs: chance() * 60_000 } : { type: 'failed' });
        continue;
      }
      const deadlineMs = findMemberDeadlineMs(script.state);
      script.pass(Math.min(Math.max(0, deadlineMs - script.nowMs), chance() * 30_000));
      const what = chance();
      if (what < 0.3) actions = script.offer({ productNumber: 1 + Math.floor(chance() * 40), revision: 5 });
      else if (what < 0.6)
        actions = script.offer({
          productNumber: 1 + Math.floor(chance() * 40),
          revision: 6,
          urgentRevision: isUrgent ? 6 : 0,
        });
      else if (what < 0.7) actions = script.serverSays(6, isUrgent ? 6 : 0);
      else actions = script.feed({ type: 'timer-fired' });
    }
    assert.ok(script.nowMs - saidAtMs <= boundMs + 1, `seed ${seed}: ${script.nowMs - saidAtMs} ms`);
  }
});

test('away from any LAN it goes straight to the server; on one it waits for the seconds in which somebody could be elected', () => {
  assert.deepEqual(createScript({ isOnLan: false }).serverSays(6), ['server']);
  const script = createScript();
  assert.deepEqual(script.serverSays(6), []);
  assert.deepEqual(script.wait(), ['server', memberTiming.electionMs]);
  script.end({ type: 'done', revision: 6 });
  assert.deepEqual(script.serverSays(7), ['server'], 'it has been alone for long');
  const wanted = createScript();
  assert.deepEqual(wanted.feed({ type: 'update-wanted' }), ['server']);
});

test('the Active Agent fetches from the server at once, and takes nobody’s offer', () => {
  const script = createScript();
  script.feed({ type: 'became-active' });
  assert.deepEqual(script.serverSays(6), ['server']);
  script.end({ type: 'done', revision: 6 });
  script.offer({ revision: 9, urgentRevision: 9 });
  assert.equal(findMemberDeadlineMs(script.state), Infinity);
});

test('a server that does not answer is asked again at growing intervals, and the LAN helps out meanwhile', () => {
  const script = createScript();
  script.serverSays(6);
  script.wait();
  const waits: number[] = [];
  for (let failures = 0; failures < 10; failures++) {
    script.end({ type: 'failed' });
    const [what, waitedMs] = script.wait();
    assert.equal(what, 'server');
    waits.push(waitedMs);
  }
  assert.ok((waits[1] ?? 0) > (waits[0] ?? 0) && (waits.at(-1) ?? 0) <= 1.5 * memberTiming.maxServerRetryMs);
  script.end({ type: 'failed' });
  assert.deepEqual(script.offer({ revision: 6, urgentRevision: 6 }), ['lan 9']);
});

test('a heartbeat that said too much is corrected by the signed list', () => {
  const script = createScript();
  script.feed({ type: 'became-active' });
  script.serverSays(100);
  assert.deepEqual(script.end({ type: 'done', revision: 6 }), []);
  assert.equal(findMemberDeadlineMs(script.state), Infinity);
});
