import type { ComponentDependency, ComponentDescription } from '@holdfast/components';

/** What is known of a component when the order is made. */
export interface OrderedComponent {
  readonly description: ComponentDescription;
  /** In use; `undefined`: none. */
  readonly current: number | undefined;
  /** That it would be switched to; `undefined`: it stays as it is. */
  readonly next: number | undefined;
}

/** Why a component cannot be switched. */
export interface OrderRefusal {
  readonly component: string;
  readonly code: 'DEPENDENCY_MISSING' | 'DEPENDENCY_CYCLE';
  readonly text: string;
}

export interface SwitchOrder {
  /** Ids of those that are switched; each behind all that it needs, and the agent itself last. */
  readonly order: readonly string[];
  readonly refused: readonly OrderRefusal[];
}

/**
 * The order in which components are switched: whatever one needs comes first, and one whose needs are not met, neither by what is in use
 * nor by what would be, is refused with all that need it. The order of the ids decides where nothing else does.
 *
 * @param isLast what is switched behind all others, although nothing needs it
 */
export function planSwitchOrder(
  components: readonly OrderedComponent[],
  isLast: (description: ComponentDescription) => boolean = () => false,
): SwitchOrder {
  const known = new Map(components.map((one) => [one.description.id, one]));
  const refusals = new Map<string, OrderRefusal>();
  const order: string[] = [];
  const done = new Set<string>();

  const refuse = (component: string, code: OrderRefusal['code'], text: string): false => {
    refusals.set(component, { component, code, text });
    return false;
  };

  /** Answers whether it can be used as it would be then. */
  const visit = ({ description, next }: OrderedComponent, way: readonly string[]): boolean => {
    const { id } = description;
    if (done.has(id)) return !refusals.has(id);
    if (way.includes(id)) return false;
    // What is not switched works as it is.
    const areMet =
      next === undefined || description.dependencies.every((needed) => isMet(id, needed, [...way, id]));
    done.add(id);
    if (areMet && next !== undefined) order.push(id);
    return areMet;
  };

  const isMet = (
    id: string,
    { component, release }: ComponentDependency,
    way: readonly string[],
  ): boolean => {
    const needed = known.get(component);
    const title = release === undefined ? component : `${component} from release ${release} on`;
    if (way.includes(component)) return refuse(id, 'DEPENDENCY_CYCLE', `It needs ${title}, which needs it.`);
    if (needed === undefined)
      return refuse(id, 'DEPENDENCY_MISSING', `It needs ${title}, which is not there.`);
    const isThere = satisfies(needed.current, release);
    if (needed.next !== undefined && visit(needed, way) && satisfies(needed.next, release)) return true;
    if (isThere) return true;
    const { code = 'DEPENDENCY_MISSING' } = refusals.get(component) ?? {};
    return refuse(id, code, `It needs ${title}, which is not there and cannot be put there.`);
  };

  const sorted = [...components].sort(
    (left, right) =>
      Number(isLast(left.description)) - Number(isLast(right.description)) ||
      (left.description.id < right.description.id ? -1 : 1),
  );
  for (const one of sorted) visit(one, []);
  return { order, refused: [...refusals.values()] };
}

function satisfies(has: number | undefined, wanted: number | undefined): boolean {
  return has !== undefined && (wanted === undefined || has >= wanted);
}
