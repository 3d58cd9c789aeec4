import { join } from "node:path";
import type { Binding } from "../../../lib/engine/tensorflow/binding.ts";
import { entry, field, message } from "./protobuf.ts";

const FLOAT = 1, STRING = 7;

/**
 * Writes a SavedModel that computes `x · w`: `x` is `[N, 2]`, `w` a variable `[2, 1]` whose values are in its checkpoint.
 * The graph is what TensorFlow itself writes, at its smallest; TensorFlow's own op writes the checkpoint.
 */
export function writeTinySavedModel(binding: Binding, folder: string, w: [number, number]): void {
  Deno.mkdirSync(join(folder, "variables"), { recursive: true });
  Deno.writeFileSync(join(folder, "saved_model.pb"), message(field(1, 1), field(2, metaGraph())));
  const inputs = [
    text(binding, [], [join(folder, "variables", "variables")]),
    text(binding, [1], ["w"]),
    text(binding, [1], [""]),
    binding.createTensor([2, 1], FLOAT, Float32Array.from(w)),
  ];
  binding.executeOp("SaveV2", [{ name: "dtypes", type: binding.TF_ATTR_TYPE, value: [FLOAT] }], inputs, 0);
  for (const id of inputs) binding.deleteTensor(id);
}

function text(binding: Binding, shape: number[], strings: string[]): number {
  return binding.createTensor(shape, STRING, strings.map((string) => new TextEncoder().encode(string)));
}

/** MetaGraphDef: the tag "serve", the graph, how variables are restored, and one signature. */
function metaGraph(): Uint8Array {
  const info = message(field(4, "serve"), field(5, "2.21.0"));
  const saver = message(field(1, "save/Const:0"), field(3, "save/restore_all"), field(7, 2));
  const signature = message(
    field(1, entry("x", tensorInfo("x:0", [-1, 2]))),
    field(2, entry("y", tensorInfo("y:0", [-1, 1]))),
    field(3, "tensorflow/serving/predict"),
  );
  return message(field(1, info), field(2, graph()), field(3, saver), field(5, entry("serving_default", signature)));
}

function tensorInfo(name: string, sizes: number[]): Uint8Array {
  return message(field(1, name), field(2, FLOAT), field(3, shape(sizes)));
}

function graph(): Uint8Array {
  const variable = { dtype: type(FLOAT), shape: field(7, shape([2, 1])), shared_name: field(2, "w") };
  return message(
    node("x", "Placeholder", [], { dtype: type(FLOAT), shape: field(7, shape([-1, 2])) }),
    node("w", "VarHandleOp", [], variable),
    node("read", "ReadVariableOp", ["w"], { dtype: type(FLOAT) }),
    node("y", "MatMul", ["x", "read"], { T: type(FLOAT) }),
    node("save/Const", "Const", [], strings([], "model")),
    node("save/names", "Const", [], strings([1], "w")),
    node("save/slices", "Const", [], strings([1], "")),
    node("save/restore", "RestoreV2", ["save/Const", "save/names", "save/slices"], {
      dtypes: field(1, field(6, FLOAT)),
    }),
    node("save/assign", "AssignVariableOp", ["w", "save/restore"], { dtype: type(FLOAT) }),
    node("save/restore_all", "NoOp", ["^save/assign"], {}),
    field(4, message(field(1, 1994))), // the version of the graph's format
  );
}

function node(name: string, op: string, inputs: string[], attributes: Record<string, Uint8Array>): Uint8Array {
  return field(
    1,
    message(
      field(1, name),
      field(2, op),
      ...inputs.map((input) => field(3, input)),
      ...Object.entries(attributes).map(([key, value]) => field(5, entry(key, value))),
    ),
  );
}

function type(dtype: number): Uint8Array {
  return field(6, dtype);
}

function shape(sizes: number[]): Uint8Array {
  return message(...sizes.map((size) => field(2, message(field(1, size)))));
}

function strings(sizes: number[], value: string): Record<string, Uint8Array> {
  const tensor = message(field(1, STRING), field(2, shape(sizes)), field(8, value));
  return { dtype: type(STRING), value: field(8, tensor) };
}
