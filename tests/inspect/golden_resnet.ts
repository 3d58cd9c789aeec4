/** What the looks into networks are tried on: a ResNet-18 and a picture that PyTorch's side makes too. */
import { type data, models, StateDict } from "thaw";
import golden from "../golden/grad_cam.json" with { type: "json" };
import { uniform, values } from "../golden/values.ts";

export { golden };

export const picture: data.Picture = {
  width: golden.size,
  height: golden.size,
  data: Uint8Array.from(uniform("thaw/picture", golden.size ** 2 * 3), (u) => Math.floor(256 * u)),
};
export const transforms: data.Transforms = {
  resize: [golden.size, golden.size],
  interpolation: "bilinear",
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
};

export function goldenResnet(): models.ResNet {
  const model = models.resnet18({ numClasses: golden.classes });
  model.loadStateDict(StateDict.from(Object.fromEntries(
    model.namedState().map(([name, { shape, dtype }]) => {
      const own = dtype === "int64" ? new BigInt64Array(1) : values("thaw", name, shape, golden.gain, 1);
      return [name, { shape: [...shape], dtype, data: own }];
    }),
  )));
  model.transforms = transforms;
  return model;
}
