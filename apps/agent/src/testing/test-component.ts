import type { ComponentDescription } from '@holdfast/components';

export const noSignal: AbortSignal = new AbortController().signal;

export function describeComponent(
  id: string,
  handler: string,
  more: Partial<ComponentDescription> = {},
): ComponentDescription {
  return { id, handler, kind: 'rules', title: id, platforms: ['any'], dependencies: [], ...more };
}
