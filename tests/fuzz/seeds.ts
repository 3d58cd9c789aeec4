import { writeModel } from "../../lib/files/write_model.ts";
import "../../lib/files/torch_classes.ts";
import * as models from "../../lib/models/mod.ts";
import * as nn from "../../lib/nn/mod.ts";
import { writeSafetensors } from "../../lib/weights/safetensors.ts";
import { type PlainTensor, StateDict } from "../../lib/weights/state_dict.ts";
import { writeTorchZip } from "../../lib/weights/write_torch_zip.ts";
import { fixtureBytes } from "../weights/fixtures.ts";
import { concatenate, type FormatName, type Seed } from "./mutation.ts";

/** The files that bad ones are made of, by format: all of them good ones, small, and as different as there are. */
const fixtures: Record<FormatName, readonly string[]> = {
  "torch zip": [
    ...["model", "dtypes", "views", "wrapped", "nested", "epoch_beside", "loss_beside", "parameters", "numpy_scalars"],
    ...[
      "protocol1",
      "protocol3",
      "protocol4",
      "protocol5",
      "deflated",
      "big_endian",
      "ambiguous",

      "plain",
    ],
  ],
  "torch legacy": ["model_legacy", "dtypes_legacy", "views_legacy", "wrapped_legacy", "protocol4_legacy"],
  "safetensors": ["dtypes"],
  "whole network": ["whole_model"],
};

/** A state dict of each kind of tensor, for thaw's own files. */
function stateDict(): StateDict {
  const tensors: Record<string, PlainTensor> = {
    "0.weight": { shape: [2, 3, 1, 1], data: [1, 2, 3, 4, 5, 6] },
    "0.bias": { shape: [2], data: [0.5, -0.5] },
    "1.num_batches_tracked": { shape: [], dtype: "int64", data: new BigInt64Array([7n]) },
    "1.mask": { shape: [3], dtype: "bool", data: new Uint8Array([1, 0, 1]) },
    "2.half": { shape: [2, 2], dtype: "bfloat16", data: [1, 2, 3, 4] },
    "2.none": { shape: [0, 4], data: [] },
  };
  const sd = StateDict.from(tensors);
  return StateDict.from([...sd, ["tied", sd.get("0.weight")!]], { note: "ünïcode" });
}

/** All of them, read and written anew. */
export async function readSeeds(): Promise<Seed[]> {
  const seeds = Object.entries(fixtures).flatMap(([format, names]) =>
    names.map((name): Seed => {
      const file = `${name}.${format === "safetensors" ? "safetensors" : "pth"}`;
      return { name: file, format: format as FormatName, bytes: fixtureBytes(file) };
    })
  );
  const written = async (write: typeof writeTorchZip, sd = stateDict()) => {
    const parts: Uint8Array[] = [];
    await write(sd, (bytes) => Promise.resolve(void parts.push(bytes.slice())));
    return concatenate(parts);
  };
  const network = new nn.Sequential(
    new nn.Sequential(new nn.Conv2d(1, 2, 3, { padding: 1, bias: false }), new nn.BatchNorm2d(2), new nn.ReLU()),
    new nn.AdaptiveAvgPool2d([2, 2]),
    new nn.Flatten(),
    new nn.Dropout(0.5),
    new nn.Linear(8, 4),
    new nn.LayerNorm([4]),
    new nn.MultiheadAttention(4, 2),
    new nn.GELU(),
  );
  const blocks = new nn.Sequential(
    new models.Conv2dNormActivation(3, 4),
    new models.SqueezeExcitation(4, 2),
    new models.MLP(4, [3, 2]),
    new nn.ModuleList([new nn.MaxPool2d(2), new nn.AvgPool2d(2), new models.StochasticDepth(0.1, "row")]),
  );
  const whole = async (name: string, model: nn.Module): Promise<Seed> => {
    const parts: Uint8Array[] = [];
    await writeModel(model, (bytes) => Promise.resolve(void parts.push(bytes.slice())));
    return { name, format: "whole network", bytes: concatenate(parts) };
  };
  const one = StateDict.from({ x: { shape: [1], data: [1] } });
  return [
    ...seeds,
    await whole("thaw's layers", network),
    await whole("thaw's blocks", blocks),
    { name: "thaw's zip", format: "torch zip", bytes: await written(writeTorchZip) },
    { name: "thaw's safetensors", format: "safetensors", bytes: await written(writeSafetensors) },
    { name: "thaw's safetensors of one", format: "safetensors", bytes: await written(writeSafetensors, one) },
  ];
}
