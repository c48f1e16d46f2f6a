declare const brand: unique symbol;

/** A value that is only made by the parser or factory of its kind: an id is not any string. */
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name };
