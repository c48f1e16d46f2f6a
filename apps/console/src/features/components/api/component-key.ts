/** Everything about components: an event of the server makes all of it old. */
export const componentsKey = ['components'] as const;

export function componentKey(componentId: string): readonly [string, string, string] {
  return [...componentsKey, 'one', componentId];
}
