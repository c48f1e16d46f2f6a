import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OrderedComponent, planSwitchOrder } from './switch-order.ts';
import { describeComponent } from '../../testing/test-component.ts';

/** `id`, what is in use, what it would be, and what it needs: `b` or `b>=2`. */
function one(
  id: string,
  current: number | undefined,
  next: number | undefined,
  ...needs: string[]
): OrderedComponent {
  const dependencies = needs.map((need) => {
    const [component = '', release] = need.split('>=');
    return { component, ...(release === undefined ? {} : { release: Number(release) }) };
  });
  return { description: describeComponent(id, 'plain-file', { dependencies }), current, next };
}

const plan = (...components: OrderedComponent[]) => {
  const { order, refused } = planSwitchOrder(components);
  return [order.join(' '), refused.map(({ component, code }) => `${component} ${code}`).join(', ')];
};

test('what a component needs is switched before it', () => {
  assert.deepEqual(plan(one('a', 1, 2, 'c'), one('b', 1, 2, 'a'), one('c', 1, 2)), ['c a b', '']);
  assert.deepEqual(plan(one('a', 1, 2, 'b>=2'), one('b', 1, 2)), ['b a', '']);
  assert.deepEqual(plan(one('a', 1, 2, 'b'), one('b', 1, undefined)), ['a', '']);
  const diamond = [one('a', 1, 2, 'b', 'c'), one('b', 1, 2, 'd'), one('c', 1, 2, 'd'), one('d', 1, 2)];
  assert.deepEqual(plan(...diamond), ['d b c a', '']);
});

test('one whose needs are not met is refused with all that need it, and with nobody else', () => {
  assert.deepEqual(plan(one('a', 1, 2, 'gone'), one('b', undefined, 2, 'a'), one('c', 1, 2)), [
    'b c',
    'a DEPENDENCY_MISSING',
  ]);
  assert.deepEqual(plan(one('a', undefined, 2, 'gone'), one('b', undefined, 2, 'a'), one('c', 1, 2)), [
    'c',
    'a DEPENDENCY_MISSING, b DEPENDENCY_MISSING',
  ]);
  assert.deepEqual(plan(one('a', 1, 2, 'b>=3'), one('b', 1, 2)), ['b', 'a DEPENDENCY_MISSING']);
  assert.deepEqual(plan(one('a', 1, 2, 'b'), one('b', undefined, undefined)), ['', 'a DEPENDENCY_MISSING']);
});

test('those that need each other are refused, and what is in use goes on', () => {
  assert.deepEqual(plan(one('a', undefined, 1, 'b'), one('b', undefined, 1, 'a'), one('c', 1, 2)), [
    'c',
    'b DEPENDENCY_CYCLE, a DEPENDENCY_CYCLE',
  ]);
  assert.deepEqual(plan(one('a', undefined, 1, 'a')), ['', 'a DEPENDENCY_CYCLE']);
});

test('the agent itself comes last, unless somebody needs it', () => {
  const isLast = ({ id }: { readonly id: string }): boolean => id === 'agent';
  const order = (...some: OrderedComponent[]) => planSwitchOrder(some, isLast).order.join(' ');
  assert.equal(order(one('agent', 1, 2), one('z', 1, 2)), 'z agent');
  assert.equal(order(one('agent', 1, 2), one('a', 1, 2, 'agent>=2'), one('z', 1, 2)), 'agent a z');
});
