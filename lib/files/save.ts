import { describeValue, Module } from "../nn/mod.ts";
import { save as saveStateDict, writeFile } from "../weights/save.ts";
import type { StateDict } from "../weights/state_dict.ts";
import "./torch_classes.ts";
import { writeModel } from "./write_model.ts";

/**
 * Saves a state dict or a whole network.
 *
 * A state dict becomes a safetensors file where the path ends with `.safetensors`, and else what `torch.save` makes of it:
 * `torch.load(path, weights_only=True)` gives the same tensors, bit for bit. A whole network becomes what `torch.save(model, path)`
 * makes of one: its structure and its parameters; PyTorch loads it where its classes are torch's and torchvision's
 * (`weights_only=False`), {@linkcode load} without running anything. Classes of one's own are named, not saved: see
 * {@linkcode registerClass}.
 *
 * Tensors are written one at a time, to a file beside `path` that takes its name once it is whole.
 *
 * @param thing a state dict, or a network
 * @throws {TypeError} where it is neither, {Error} where something in it cannot be saved, or the file cannot be written
 *
 * @example
 * ```ts
 * import { load, nn, save } from "thaw";
 *
 * const folder = await Deno.makeTempDir();
 * const model = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
 * await save(model.stateDict(), `${folder}/weights.pth`);
 * await save(model, `${folder}/model.pkl`);
 * console.log(String(await load(`${folder}/model.pkl`)) === String(model)); // true
 * ```
 */
export async function save(thing: StateDict | Module, path: string): Promise<void> {
  if (!(thing instanceof Module)) return await saveStateDict(thing, path);
  if (typeof path === "string" && /\.safetensors$/i.test(path)) {
    throw new TypeError(
      `Cannot save a whole network as "${path}": expected a state dict, since safetensors files hold nothing else, found ` +
        `${describeValue(thing)}; write save(model.stateDict(), …), or another ending for the whole network`,
    );
  }
  await writeFile(path, (sink) => writeModel(thing, sink));
}
