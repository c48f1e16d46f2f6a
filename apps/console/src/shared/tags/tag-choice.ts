import { tagKeyOf } from '@holdfast/api';

/** Whether devices have a tag: all of them, none, or some, which stay as they are. */
export type TagState = 'on' | 'off' | 'some';

/** What somebody wants of tags, by the form in which names are compared; what is not in it stays. */
export type TagWishes = ReadonlyMap<string, { readonly name: string; readonly state: 'on' | 'off' }>;

export const noWishes: TagWishes = new Map();

/** @param presentState before anything was wished for */
export function stateOf(wishes: TagWishes, name: string, presentState: TagState): TagState {
  return wishes.get(tagKeyOf(name))?.state ?? presentState;
}

/** A click: on, then off, then, where some had it, as it was. A wish for what is so already is none. */
export function toggleWish(wishes: TagWishes, name: string, presentState: TagState): TagWishes {
  const next = new Map(wishes);
  const key = tagKeyOf(name);
  const state = stateOf(wishes, name, presentState);
  const wanted = nextState(state, presentState);
  if (wanted === 'some' || wanted === presentState) next.delete(key);
  else next.set(key, { name, state: wanted });
  return next;
}

function nextState(state: TagState, presentState: TagState): TagState {
  if (state === 'on') return 'off';
  return state === 'off' && presentState === 'some' ? 'some' : 'on';
}

/** The names to put on and to take off. */
export function namesOf(wishes: TagWishes): { readonly add: string[]; readonly remove: string[] } {
  const all = [...wishes.values()];
  const pick = (state: 'on' | 'off'): string[] =>
    all.filter((wish) => wish.state === state).map((wish) => wish.name);
  return { add: pick('on'), remove: pick('off') };
}
