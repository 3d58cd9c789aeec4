import { join } from "node:path";
import { data } from "thaw";
import * as tf from "@tensorflow/tfjs";

/** The images that export_images.ts has written to a folder, as tensors that lie in memory. */
export async function readImages(folder: string): Promise<data.LabelledSplit> {
  const about = JSON.parse(await Deno.readTextFile(join(folder, "meta.json")));
  const read = async (name: string) => {
    const { buffer } = await Deno.readFile(join(folder, `${name}.f32`));
    const labels = new Int32Array((await Deno.readFile(join(folder, `${name}.i32`))).buffer);
    const images = tf.tensor(new Float32Array(buffer), [labels.length, ...about[name].shape.slice(1)]);
    return data.fromTensors(images, labels, { classes: about.classes, name: `emoji (${name})` });
  };
  return new data.LabelledSplit("emoji", await read("train"), await read("validation"));
}
