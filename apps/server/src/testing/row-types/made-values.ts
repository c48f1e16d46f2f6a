import { sql } from 'kysely';
import { type Checker, SignatureKind, SymbolFlags, type Type, TypeFlags } from 'typescript/unstable/sync';
import type { Database } from '../../platform/database/index.ts';
import { elementOf, partsOf } from './written-sql.ts';

/** Picks one of `count`, from 0. */
export type Choose = (count: number) => number;

/** The same choices for the same seed. */
export function createChoices(seed: number): Choose {
  // Lehmer's generator with the multiplier of Park and Miller (1993).
  let state = seed;
  return (count) => {
    state = (state * 48_271) % 2_147_483_647;
    return Math.floor((state / 2_147_483_647) * count);
  };
}

export interface Member {
  readonly name: string;
  readonly type: Type;
}

/** A function or a class, and what calls it with made-up arguments. */
export interface MadeCall {
  readonly takesDatabase: boolean;
  /** The functions of what it gives. */
  readonly methods: readonly Member[];
  run(callee: unknown): Promise<unknown>;
}

type Maker = () => unknown;

const TEXT = '00000000-0000-4000-8000-000000000000';
/** Few, and many. */
const NUMBERS = [1, 2, 3, 5_000];
const MAX_DEPTH = 6;
const databases = new Set(['Kysely', 'Transaction', 'ControlledTransaction']);
const fragments = new Set(['RawBuilder', 'Expression']);

/**
 * Makes up arguments by the types of parameters. `db` stands for every database.
 *
 * @returns by type; undefined where nothing can be called
 */
export function createCallMaker(
  checker: Checker,
  db: Database,
  choose: Choose,
): (type: Type) => MadeCall | undefined {
  const makers = new Map<number, Maker>();
  let depth = 0;

  function make(type: Type | undefined): unknown {
    if (type === undefined || depth >= MAX_DEPTH) return undefined;
    let maker = makers.get(type.id);
    if (maker === undefined) {
      maker = createMaker(type);
      makers.set(type.id, maker);
    }
    depth += 1;
    try {
      return maker();
    } finally {
      depth -= 1;
    }
  }

  function createMaker(type: Type): Maker {
    if (isDatabase(type)) return () => db;
    if (type.isUnionType()) {
      const parts = type.getTypes();
      return () => make(parts[choose(parts.length)]);
    }
    if (type.isLiteralType()) return () => type.value;
    const { flags } = type;
    if ((flags & TypeFlags.StringLike) !== 0) return () => TEXT;
    if ((flags & TypeFlags.NumberLike) !== 0) return () => NUMBERS[choose(NUMBERS.length)];
    if ((flags & TypeFlags.BigIntLike) !== 0) return () => 1n;
    if ((flags & TypeFlags.Null) !== 0) return () => null;
    if (type.isIntersectionType()) {
      const simple = type.getTypes().find((part) => (part.flags & TypeFlags.Primitive) !== 0);
      return simple === undefined ? createObjectMaker(type) : () => make(simple);
    }
    return type.isObjectType() ? createObjectMaker(type) : () => undefined;
  }

  function createObjectMaker(type: Type): Maker {
    const name = type.getSymbol()?.name ?? '';
    const given = type.isTypeReference() ? checker.getTypeArguments(type) : [];
    if (fragments.has(name)) return () => sql`true`;
    if (name === 'Date') return () => new Date('2026-01-01T00:00:00Z');
    if (name === 'Buffer' || name === 'Uint8Array') return () => Buffer.alloc(32);
    if (name === 'Promise') return async () => await Promise.resolve(make(given[0]));
    if (name === 'Set' || name === 'ReadonlySet') return () => new Set([make(given[0])]);
    if (name === 'Map' || name === 'ReadonlyMap') return () => new Map([[make(given[0]), make(given[1])]]);
    if (checker.isTupleType(type)) return () => given.map(make);
    if (checker.isArrayLikeType(type)) {
      const element = elementOf(checker, type);
      return () => Array.from({ length: 1 + choose(2) }, () => make(element));
    }
    const signature = checker.getSignaturesOfType(type, SignatureKind.Call)[0];
    if (signature !== undefined) {
      const result = checker.getReturnTypeOfSignature(signature);
      return () => () => make(result);
    }
    return createRecordMaker(type);
  }

  function createRecordMaker(type: Type): Maker {
    const members = checker.getPropertiesOfType(type).map((symbol) => ({
      name: symbol.name,
      type: checker.getTypeOfSymbol(symbol),
      isOptional: (symbol.flags & SymbolFlags.Optional) !== 0,
    }));
    const others = checker.getIndexInfosOfType(type)[0]?.valueType;
    return () => {
      const present = members.filter(({ isOptional }) => !isOptional || choose(2) === 0);
      const entries = present.map((member) => [member.name, make(member.type)] as const);
      return Object.fromEntries(others === undefined ? entries : [...entries, ['a', make(others)]]);
    };
  }

  return (type) => {
    const [called] = checker.getSignaturesOfType(type, SignatureKind.Call);
    const signature = called ?? checker.getSignaturesOfType(type, SignatureKind.Construct)[0];
    if (signature === undefined) return undefined;
    const parameters = signature.getParameters().map((parameter) => checker.getTypeOfSymbol(parameter));
    const result = checker.getReturnTypeOfSignature(signature);
    return {
      takesDatabase: parameters.some((one) => one !== undefined && isDatabase(one)),
      methods: result === undefined ? [] : listMembers(checker, result),
      async run(callee) {
        const given = parameters.map(make);
        return called === undefined
          ? new (callee as new (...given: unknown[]) => unknown)(...given)
          : await (callee as (...given: unknown[]) => unknown)(...given);
      },
    };
  };
}

function listMembers(checker: Checker, type: Type): Member[] {
  return checker.getPropertiesOfType(type).flatMap((symbol) => {
    const memberType = checker.getTypeOfSymbol(symbol);
    return memberType === undefined ? [] : [{ name: symbol.name, type: memberType }];
  });
}

function isDatabase(type: Type): boolean {
  return partsOf(type).some((part) => databases.has(part.getSymbol()?.name ?? ''));
}
