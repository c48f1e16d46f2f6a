import type { Static, TObject } from 'typebox';

/**
 * Where a command runs on the device. Lanes run side by side, each one command at a time, in the order in which they came:
 *
 * - `quick`: asks or tells and is over in seconds;
 * - `system`: changes the system or the agent itself;
 * - `update`: fetches and installs;
 * - `disk`: works on whole disks, for minutes or hours.
 */
export const lanes = ['quick', 'system', 'update', 'disk'] as const;
export type Lane = (typeof lanes)[number];

/**
 * How far a command reaches, and so what is asked before it goes out:
 *
 * - `harmless`: nobody at the device notices;
 * - `disruptive`: somebody at the device is interrupted, and can go on afterwards;
 * - `destructive`: something is gone that does not come back by itself.
 */
export const reaches = ['harmless', 'disruptive', 'destructive'] as const;
export type Reach = (typeof reaches)[number];

/**
 * One type of command, said once for everybody: the server checks and lists it, the agent obeys it, the console makes its form
 * of it, the command line its help, and the documents their table.
 */
export interface CommandDefinition<
  Type extends string = string,
  Parameters extends TObject = TObject,
  Result extends TObject = TObject,
> {
  /** Kebab-case; what products name in their capabilities. Never changes once released. */
  readonly type: Type;
  readonly title: string;
  readonly description: string;
  /** Every property has a `title`, and where it helps a `description`, a `default` and a `unit`. */
  readonly parameters: Parameters;
  /**
   * What a success reports. Every property has a `title`, and where it helps a `unit` (`B`, `ms`, `s`, `min`, `h`), a `form` (`instant`:
   * milliseconds since 1970; `checks`: what was looked at, with a state and a sentence), words for a switch (`whenTrue`, `whenFalse`)
   * or for nothing (`whenEmpty`), or `isDetail` for what nobody looks for first. Later agents may report more, so it is open.
   */
  readonly result: Result;
  readonly lane: Lane;
  readonly reach: Reach;
  /** What an administrator needs for it, where the devices lie. */
  readonly permission: string;
  /** Begun no later than this after it was issued, unless whoever issues it says otherwise. */
  readonly defaultExpiryMs: number;
}

/** Parameters of a command of this definition. */
export type ParametersOf<Definition extends CommandDefinition> = Static<Definition['parameters']>;
/** Result of a command of this definition. */
export type ResultOf<Definition extends CommandDefinition> = Static<Definition['result']>;

/** Keeps the exact types of a definition. */
export function defineCommand<const Type extends string, Parameters extends TObject, Result extends TObject>(
  definition: CommandDefinition<Type, Parameters, Result>,
): CommandDefinition<Type, Parameters, Result> {
  return definition;
}
