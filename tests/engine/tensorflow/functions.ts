import { entry, field, message } from "./protobuf.ts";

const FLOAT = 1;

/** A function of one float32 tensor, `op(x, x)`, encoded as TensorFlow's FunctionDef. */
export function functionOfTwice(name: string, op: "AddV2" | "Mul"): Uint8Array<ArrayBuffer> {
  const argument = (name: string) => message(field(1, name), field(3, FLOAT));
  const signature = message(field(1, name), field(2, argument("x")), field(3, argument("y")));
  const node = message(
    field(1, "node"),
    field(2, op),
    field(3, "x"),
    field(3, "x"),
    field(5, entry("T", field(6, FLOAT))),
  );
  return message(field(1, signature), field(3, node), field(4, message(field(1, "y"), field(2, "node:z:0"))));
}
