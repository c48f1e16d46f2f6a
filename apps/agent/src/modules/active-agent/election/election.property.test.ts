/**
 * Whole LANs, simulated: real participants, a network that loses, repeats, delays and splits, computers that end, sleep and come back,
 * clocks that differ. Each seed is another history; a failure names it. HOLDFAST_TEST_SEED repeats one.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { noIpv4, noIpv6, noLanNonce } from '../lan/lan-datagram.ts';
import { classOf } from './election-order.ts';
import {
  createSeededChance,
  createSimulatedLan,
  fairWeather,
  type SimulatedLan,
} from './lan-simulation.testing.ts';

const given = process.env['HOLDFAST_TEST_SEED'];
const seeds = given === undefined ? Array.from({ length: 40 }, (_, index) => index + 1) : [Number(given)];

/** Without an Active Agent: listening, the longest back-off, the bid, and some delay. */
const COLD_BOUND_MS = 4_500;
const FAILOVER_BOUND_MS = 3_000;

function isEligible({ fitness }: { readonly fitness: number }): boolean {
  return fitness > 0;
}

/** Everybody of the side agrees on one Active Agent, or nobody may be elected and there is none. */
function assertAgreement(lan: SimulatedLan, side: number, what: string): void {
  const active = lan.listActive(side);
  const members = lan.agents.filter((agent) => agent.side === side && !agent.isFrozen);
  const isAnybody = members.some(isEligible);
  assert.equal(
    active.length,
    isAnybody ? 1 : 0,
    `${what}: ${active.map(({ productNumber }) => productNumber).join(', ')}`,
  );
  for (const { participant, productNumber } of members) {
    if (participant.state.phase === 'active') continue;
    assert.equal(
      participant.state.leader?.productNumber,
      active[0]?.productNumber,
      `${what}: ${productNumber} follows another one`,
    );
  }
}

describe('in fair weather', () => {
  for (const seed of seeds.slice(0, 20)) {
    test(`never two at a time, one within the bound, and its loss is made good within 3 seconds (seed ${seed})`, () => {
      const random = createSeededChance(seed);
      const lan = createSimulatedLan(seed);
      lan.weather = { loss: 0, duplicates: 0.1, minDelayMs: 0, maxDelayMs: 1 + random() * 60 };
      const count = 2 + Math.floor(random() * 12);
      for (let n = 0; n < count; n++) lan.add(1 + Math.floor(random() * 590));
      const neverTwo = (): void => assert.ok(lan.listActive().length <= 1, `two at ${lan.nowMs}`);
      lan.run(COLD_BOUND_MS, neverTwo);
      assertAgreement(lan, 0, 'after the start');
      while (lan.agents.length > 1) {
        lan.run(3_000 + random() * 10_000, neverTwo);
        const [active] = lan.listActive();
        assert.ok(active);
        lan.kill(active);
        lan.run(FAILOVER_BOUND_MS, neverTwo);
        assertAgreement(lan, 0, 'after a kill');
      }
    });
  }

  test('no two products are active in one term, over many terms', () => {
    const lan = createSimulatedLan(77);
    for (let n = 0; n < 12; n++) lan.add(401 + n);
    lan.run(5_000);
    for (let round = 0; round < 60; round++) {
      const [active] = lan.listActive();
      assert.ok(active);
      lan.kill(active);
      lan.run(4_000);
      lan.restart(active);
      lan.run(6_000);
    }
    const terms = lan.changes.flatMap(({ term }) => (term === undefined ? [] : [term]));
    assert.ok(terms.length >= 60);
    assert.equal(new Set(terms).size, terms.length);
  });

  test('the Active Agent and its standby end together: the next one is there within 3 seconds', () => {
    for (const seed of seeds) {
      const lan = createSimulatedLan(seed);
      for (let n = 0; n < 6; n++) lan.add(401 + n * 20);
      lan.run(15_000);
      const [active] = lan.listActive();
      const standby = lan.agents.find(
        ({ productNumber }) => productNumber === active?.participant.state.standby?.productNumber,
      );
      assert.ok(active && standby, `seed ${seed}`);
      lan.kill(active);
      lan.kill(standby);
      lan.run(FAILOVER_BOUND_MS);
      assertAgreement(lan, 0, `seed ${seed}`);
    }
  });
});

describe('in any weather', () => {
  for (const seed of seeds) {
    test(`whatever happened, once beacons flow all agree on one, and it is of the best class (seed ${seed})`, () => {
      const random = createSeededChance(seed * 7_919);
      const pick = <Item>(items: readonly Item[]): Item | undefined =>
        items[Math.floor(random() * items.length)];
      const drawFitness = (): number =>
        random() < 0.15
          ? 0
          : random() < 0.05
            ? 1_000 + Math.floor(random() * 500)
            : 1 + Math.floor(random() * 590);
      const lan = createSimulatedLan(seed);
      const count = 2 + Math.floor(random() * 9);
      for (let n = 0; n < count; n++) lan.add(drawFitness());
      const gone: (typeof lan.agents)[number][] = [];
      for (let step = 0; step < 40; step++) {
        const agent = pick(lan.agents);
        const what = Math.floor(random() * 8);
        if (what === 0 && agent !== undefined && lan.agents.length > 1) {
          lan.kill(agent);
          gone.push(agent);
        } else if (what === 1) {
          const back = gone.pop();
          if (back !== undefined) lan.restart(back);
        } else if (what === 2 && agent !== undefined) lan.freeze(agent);
        else if (what === 3) for (const one of lan.agents) lan.thaw(one);
        else if (what === 4) for (const one of lan.agents) one.side = Math.floor(random() * 3);
        else if (what === 5) for (const one of lan.agents) one.side = 0;
        else if (what === 6 && agent !== undefined) lan.setFitness(agent, drawFitness());
        else {
          const minDelayMs = random() * 40;
          lan.weather = {
            loss: random() * 0.5,
            duplicates: random() * 0.3,
            minDelayMs,
            maxDelayMs: minDelayMs + random() * 100,
          };
        }
        lan.run(random() * 8_000);
      }
      lan.weather = fairWeather;
      for (const one of lan.agents) {
        lan.thaw(one);
        one.side = 0;
      }
      // A second of what was under way, a lease, the longest wait of somebody who let others pass, and a bid.
      lan.run(8_000);
      assertAgreement(lan, 0, `seed ${seed}`);
      const heldAt = lan.changes.length;
      lan.run(180_000);
      assertAgreement(lan, 0, `seed ${seed}`);
      const best = Math.max(...lan.agents.map(({ fitness }) => classOf(fitness)));
      const [active] = lan.listActive();
      if (active !== undefined) assert.equal(classOf(active.fitness), best, `seed ${seed}`);
      const changes = lan.changes.slice(heldAt).filter(({ term }) => term !== undefined);
      assert.ok(
        changes.length <= 2,
        `it flaps: ${changes.length} changes in three quiet minutes (seed ${seed})`,
      );
    });
  }

  test('both sides of a split have one, and the one that was there before stays when it heals', () => {
    for (const seed of seeds) {
      const lan = createSimulatedLan(seed);
      for (let n = 0; n < 8; n++) lan.add(401 + n * 10);
      lan.run(12_000);
      const [before] = lan.listActive();
      assert.ok(before);
      for (const agent of lan.agents) {
        agent.side = (before.productNumber + agent.productNumber) % 2;
      }
      lan.run(FAILOVER_BOUND_MS);
      assertAgreement(lan, 0, `seed ${seed}`);
      assertAgreement(lan, 1, `seed ${seed}`);
      for (const agent of lan.agents) agent.side = 0;
      lan.run(2_500);
      assertAgreement(lan, 0, `seed ${seed}`);
      assert.equal(lan.listActive()[0], before, `seed ${seed}`);
    }
  });

  test('where nothing passes but what is sent to all, they still prove themselves to each other', () => {
    for (const seed of seeds.slice(0, 10)) {
      const lan = createSimulatedLan(seed);
      lan.weather = { ...fairWeather, isUnicastBlocked: true };
      for (let n = 0; n < 12; n++) lan.add(401 + n * 10);
      lan.run(60_000);
      assertAgreement(lan, 0, `seed ${seed}`);
      const heldAt = lan.changes.length;
      lan.run(600_000);
      assert.equal(lan.changes.length, heldAt, `seed ${seed}`);
    }
  });

  test('with every tenth datagram lost, an hour sees the same Active Agent for all', () => {
    const lan = createSimulatedLan(5);
    for (let n = 0; n < 20; n++) lan.add(401 + n * 5);
    lan.run(10_000);
    lan.weather = { ...fairWeather, loss: 0.1, maxDelayMs: 40 };
    const [active] = lan.listActive();
    let others = 0;
    let looks = 0;
    for (let second = 0; second < 3_600; second++) {
      lan.run(1_000);
      for (const { participant, productNumber } of lan.agents) {
        looks++;
        const followed =
          participant.state.phase === 'active' ? productNumber : participant.state.leader?.productNumber;
        if (followed !== active?.productNumber) others++;
      }
    }
    assert.equal(active?.participant.state.phase, 'active');
    assert.ok(others / looks < 0.001, `${others} of ${looks}`);
  });
});

describe('many', () => {
  test('200 agents that start at once say at most 40 things in any second, and 3 a second afterwards', () => {
    for (const seed of seeds.slice(0, 5)) {
      const lan = createSimulatedLan(seed);
      for (let n = 0; n < 200; n++) lan.add(401 + (n % 150));
      const counts: number[] = [];
      for (let slice = 0; slice < 200; slice++) {
        lan.run(100);
        counts.push(lan.sent.toAll);
      }
      const most = Math.max(...counts.map((count, slice) => count - (counts[slice - 10] ?? 0)));
      assertAgreement(lan, 0, `seed ${seed}`);
      assert.ok(most <= 40, `${most} within a second, seed ${seed}`);
      const before = lan.sent.toAll;
      lan.run(60_000);
      assert.ok(lan.sent.toAll - before <= 180, `${lan.sent.toAll - before} in a minute`);
    }
  });
});

describe('somebody who lies, and somebody who repeats', () => {
  const liar = {
    productNumber: 500,
    instance: 'ffffffffffffffff',
    fitness: 65_535,
    term: 0xffff_ffff,
    port: 1,
    other: 0,
    otherFitness: 0,
    nonce: noLanNonce,
    revision: Number.MAX_SAFE_INTEGER,
    urgentRevision: Number.MAX_SAFE_INTEGER,
    ipv4: noIpv4,
    ipv6: noIpv6,
  } as const;

  test('beacons that were recorded while another one was active bring nobody down, and nobody waits for them', () => {
    const lan = createSimulatedLan(11);
    for (let n = 0; n < 5; n++) lan.add(401 + n);
    lan.run(60_000);
    const [former] = lan.listActive();
    assert.ok(former);
    const recording = lan.recorded.filter(({ productNumber }) => productNumber === former.productNumber);
    lan.kill(former);
    lan.run(FAILOVER_BOUND_MS);
    const [present] = lan.listActive();
    assert.ok(present);
    for (const datagram of recording) {
      lan.inject(datagram);
      lan.run(500);
      assert.equal(present.participant.state.phase, 'active');
    }
    assertAgreement(lan, 0, 'those who were there');
  });

  test('a computer that knows nobody believes a recording for half a minute at most', () => {
    const lan = createSimulatedLan(12);
    const former = lan.add(401);
    lan.run(120_000);
    const recording = lan.recorded.filter(({ type }) => type === 'beacon');
    lan.kill(former);
    const fresh = lan.add(401);
    let becameActiveAtMs = Infinity;
    const startedAtMs = lan.nowMs;
    for (const datagram of recording) {
      lan.inject(datagram);
      lan.run(500);
      if (fresh.participant.state.phase === 'active')
        becameActiveAtMs = Math.min(becameActiveAtMs, lan.nowMs - startedAtMs);
    }
    assert.ok(becameActiveAtMs < 30_000, `${becameActiveAtMs}`);
    assert.equal(fresh.participant.state.phase, 'active');
  });

  test('a liar that never proves itself, with the highest fitness and term, deposes nobody', () => {
    const lan = createSimulatedLan(13);
    for (let n = 0; n < 5; n++) lan.add(401 + n);
    lan.run(90_000);
    const [active] = lan.listActive();
    for (let sequence = 1; sequence < 200; sequence++) {
      lan.inject({ ...liar, type: sequence % 3 === 0 ? 'bid' : 'beacon', sequence });
      lan.run(300);
      assert.equal(lan.listActive()[0], active);
    }
    lan.run(5_000);
    assertAgreement(lan, 0, 'afterwards');
  });
});
