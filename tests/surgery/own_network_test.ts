/** A network of one's own on old weights: resnet50 with two convolutions more, written as a user would in a cell. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { freeze, load, models, overlay, save, structure } from "thaw";
import { nn } from "../nn/nn.ts";
import { assertClose, noLeaks, plain, read, release, tensor } from "../tensors.ts";

class ResNet50Plus extends models.ResNet {
  extra: nn.Sequential = new nn.Sequential(
    new nn.Conv2d(2048, 64, 1),
    new nn.ReLU(),
    new nn.Conv2d(64, 64, 3, { padding: 1 }),
    new nn.ReLU(),
  );

  constructor(numClasses: number) {
    super(models.Bottleneck, [3, 4, 6, 3]);
    this.fc = new nn.Linear(64, numClasses);
  }

  override stages(): nn.Stage[] {
    return super.stages().toSpliced(5, 0, nn.stage(this, "extra")); // behind layer4
  }
}

noLeaks(
  "resnet50 with two convolutions more takes resnet50's weights, is to train what is new, and comes back from a file",
  async () => {
    const old = models.resnet50().eval();
    for (const parameter of old.parameters()) parameter.load(numbers(parameter)); // as if from a file
    const sd = old.stateDict();
    const plus = new ResNet50Plus(9);
    const result = await overlay(plus, sd);
    assertEquals(result.names("copied").length, 318);
    assertEquals(result.names("missing"), ["extra.0.weight", "extra.0.bias", "extra.2.weight", "extra.2.bias"]);
    assertEquals(result.names("mismatched"), ["fc.weight", "fc.bias"]);
    assertEquals(result.names("unexpected"), []);

    // What runs before the newcomers computes what it did.
    const x = tensor<tf.Tensor4D>(plain("pictures", [1, 32, 32, 3], -2, 2));
    const features = (model: nn.Module) => tf.tidy(() => nn.runStages(model.stages().slice(0, 5), x));
    const [before, after] = [features(old), features(plus.eval())];
    assertClose(await read(after), await read(before), 1e-6);

    freeze(plus, { until: "extra" });
    const training = plus.namedParameters().filter(([, { requiresGrad }]) => requiresGrad).map(([name]) => name);
    assertEquals(training, [...result.names("missing"), "fc.weight", "fc.bias"].toSorted(inOrderOf(plus)));
    const origins = structure(plus).parts.filter(({ origin }) => origin === "new").map(({ path }) => path);
    assertEquals(origins.toSorted(), ["extra.0", "extra.2", "fc"]);

    const path = await Deno.makeTempFile({ suffix: ".pkl" });
    await save(plus, path);
    const again = await load<ResNet50Plus>(path);
    await Deno.remove(path);
    assertEquals([again instanceof ResNet50Plus, String(again)], [true, String(plus)]);
    const [y, z] = [plus.forward(x), again.forward(x)];
    assertEquals([z.shape, await z.data()], [[1, 9], await y.data()]);
    tf.dispose([x, before, after, y, z]);
    release(old, plus, again, sd);
  },
);

const small = Float32Array.from({ length: 512 * 512 * 9 }, (_, i) => ((i * 7919) % 101 - 50) / 1500);
const positive = small.map((value) => value + 0.5);

/** Numbers for a parameter, of no meaning, had faster than random ones. */
function numbers({ shape, size }: nn.Parameter) {
  const data = (shape.length === 1 ? positive : small).slice(0, size);
  return { shape, dtype: "float32" as const, data: () => Promise.resolve(data), dataSync: () => data };
}

function inOrderOf(model: nn.Module): (a: string, b: string) => number {
  const names = model.namedParameters().map(([name]) => name);
  return (a, b) => names.indexOf(a) - names.indexOf(b);
}
