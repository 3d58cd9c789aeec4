import { cString, pointersTo } from "./c_string.ts";
import type { CApi } from "./capi.ts";
import type { Status } from "./status.ts";

/** One attribute of an op: its kind by TensorFlow's number (TF_AttrType) and a value, or a list of values, of it. */
export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

/** TensorFlow's numbers for kinds of attributes (TF_AttrType in c_api.h). */
export const TF_ATTR_STRING = 0;
export const TF_ATTR_INT = 1;
export const TF_ATTR_FLOAT = 2;
export const TF_ATTR_BOOL = 3;
export const TF_ATTR_TYPE = 4;
export const TF_ATTR_SHAPE = 5;
export const TF_ATTR_FUNC = 8;

/** An op that is being put together, and what setting its attributes takes. */
export interface OpBeingBuilt {
  api: CApi;
  context: Deno.PointerValue;
  status: Status;
  name: string;
  op: Deno.PointerValue;
}

type CName = Uint8Array<ArrayBuffer>;

interface Kind<T> {
  expected: string;
  is(value: unknown): boolean;
  one(op: OpBeingBuilt, name: CName, value: T): void;
  list(op: OpBeingBuilt, name: CName, values: T[]): void;
}

const string: Kind<string | Uint8Array<ArrayBuffer>> = {
  expected: "a string or its bytes",
  is: (value) => typeof value === "string" || value instanceof Uint8Array,
  one: ({ api, op }, name, value) => api.TFE_OpSetAttrString(op, name, bytesOf(value), BigInt(byteLength(value))),
  list: ({ api, op }, name, values) => {
    const lengths = BigUint64Array.from(values, (value) => BigInt(byteLength(value)));
    api.TFE_OpSetAttrStringList(op, name, pointersTo(values.map(bytesOf)), lengths, values.length);
  },
};

const int: Kind<number | bigint> = {
  expected: "an integer",
  is: (value) => Number.isInteger(value) || typeof value === "bigint",
  one: ({ api, op }, name, value) => api.TFE_OpSetAttrInt(op, name, BigInt(value)),
  list: ({ api, op }, name, values) => api.TFE_OpSetAttrIntList(op, name, int64s(values), values.length),
};

const float: Kind<number> = {
  expected: "a number",
  is: (value) => typeof value === "number",
  one: ({ api, op }, name, value) => api.TFE_OpSetAttrFloat(op, name, value),
  list: ({ api, op }, name, values) => api.TFE_OpSetAttrFloatList(op, name, Float32Array.from(values), values.length),
};

const bool: Kind<boolean> = {
  expected: "true or false",
  is: (value) => typeof value === "boolean",
  one: ({ api, op }, name, value) => api.TFE_OpSetAttrBool(op, name, Number(value)),
  list: ({ api, op }, name, values) =>
    api.TFE_OpSetAttrBoolList(op, name, Uint8Array.from(values, Number), values.length),
};

const type: Kind<number> = {
  expected: "the number of an element type (TF_DataType)",
  is: (value) => Number.isInteger(value),
  one: ({ api, op }, name, value) => api.TFE_OpSetAttrType(op, name, value),
  list: ({ api, op }, name, values) => api.TFE_OpSetAttrTypeList(op, name, Int32Array.from(values), values.length),
};

const shape: Kind<number[]> = {
  expected: "a shape: an array of sizes, -1 where unknown",
  is: (value) => Array.isArray(value) && value.every(Number.isInteger),
  one: ({ api, op, status }, name, value) => {
    api.TFE_OpSetAttrShape(op, name, int64s(value), value.length, status.pointer);
  },
  list: ({ api, op, status }, name, values) => {
    const ranks = Int32Array.from(values, (value) => value.length);
    const sizes = pointersTo(values.map(int64s));
    api.TFE_OpSetAttrShapeList(op, name, sizes, ranks, values.length, status.pointer);
  },
};

const func: Kind<string> = {
  expected: "the name of a function",
  is: (value) => typeof value === "string",
  one: ({ api, op }, name, value) => {
    api.TFE_OpSetAttrFunctionName(op, name, cString(value), BigInt(byteLength(value)));
  },
  list: ({ api, op, context, status }, name, values) => {
    const functions = values.map((value) => api.TFE_NewOp(context, cString(value), status.pointer));
    const addresses = BigUint64Array.from(functions, (pointer) => Deno.UnsafePointer.value(pointer));
    if (status.ok) api.TFE_OpSetAttrFunctionList(op, name, addresses, values.length);
    for (const pointer of functions) if (pointer !== null) api.TFE_DeleteOp(pointer);
  },
};

const KINDS: Record<number, Kind<unknown>> = {
  [TF_ATTR_STRING]: string as Kind<unknown>,
  [TF_ATTR_INT]: int as Kind<unknown>,
  [TF_ATTR_FLOAT]: float as Kind<unknown>,
  [TF_ATTR_BOOL]: bool as Kind<unknown>,
  [TF_ATTR_TYPE]: type as Kind<unknown>,
  [TF_ATTR_SHAPE]: shape as Kind<unknown>,
  [TF_ATTR_FUNC]: func as Kind<unknown>,
};

/**
 * Sets one attribute of an op that is being built.
 *
 * @throws TypeError when the value is not of the attribute's kind
 */
export function setAttribute(op: OpBeingBuilt, { name, type, value }: Attribute): void {
  const kind = KINDS[type];
  if (!kind) throw new TypeError(`Cannot set ${name} of ${op.name}: no kind of attribute has the number ${type}`);
  // A shape is an array itself: only an array of those is a list of shapes.
  if (kind.is(value)) kind.one(op, cString(name), value);
  else if (Array.isArray(value) && value.every((element) => kind.is(element))) kind.list(op, cString(name), value);
  else {
    throw new TypeError(`Cannot set ${name} of ${op.name}: expected ${kind.expected}, found ${JSON.stringify(value)}`);
  }
}

function bytesOf(value: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof value === "string" ? cString(value) : value;
}

function byteLength(value: string | Uint8Array): number {
  return typeof value === "string" ? cString(value).length - 1 : value.length;
}

function int64s(values: readonly (number | bigint)[]): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from(values, BigInt);
}
