import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { manualSeed } from "../../../lib/engine/random.ts";
import { ShiftedWindowAttention, ShiftedWindowAttentionV2 } from "../../../lib/models/mod.ts";
import { assertClose, noLeaks, onEachEngine, read, release } from "../../tensors.ts";
import { assertFigures, figures, fill } from "./window_figures.ts";

const types = { ShiftedWindowAttention, ShiftedWindowAttentionV2 };

for (const expected of figures.attention) {
  const { name, type, args, size, index, coordinates, logitScale } = expected;
  onEachEngine(`${name}: torchvision's numbers and gradients`, async () => {
    const module = new types[type as keyof typeof types](...args);
    assertEquals([...module.relative_position_index.values], index);
    if (module instanceof ShiftedWindowAttentionV2) {
      const { shape, value } = module.relative_coords_table;
      const wanted = { shape: [...shape], data: Float32Array.from(coordinates!) };
      assertClose({ shape: [...shape], data: await value.data() as Float32Array }, wanted, 1e-6, "coordinates");
    }
    fill(name, module, logitScale ? { logit_scale: logitScale } : {});
    await assertFigures(module, [2, ...size, args[0]], expected);
    release(module);
  });
}

noLeaks("ShiftedWindowAttention: both dropouts drop while training, and not when frozen or in evaluation", async () => {
  const x = tf.randomNormal([1, 4, 4, 8]);
  for (const options of [{ attentionDropout: 0.5 }, { dropout: 0.5 }]) {
    const module = new ShiftedWindowAttention(8, [2, 2], [1, 1], 2, options);
    module.proj.weight.load(ones([8, 8]));
    module.qkv.weight.load(ones([24, 8]));
    const outputs = async () => {
      manualSeed(1);
      const first = await read(module.forward(x));
      return [first, await read(module.forward(x))];
    };
    const [a, b] = await outputs();
    assert(a.data.some((value, i) => value !== b.data[i]), "dropped otherwise the second time");
    if (options.dropout) {
      const zeros = a.data.filter((value) => value === 0).length;
      assert(zeros > 32 && zeros < 96, `${zeros} of 128 dropped`);
    }
    module.frozen = true;
    const [frozen, again] = await outputs();
    assertEquals(frozen.data, again.data);
    module.frozen = false;
    const [still] = await (module.eval(), outputs());
    assertEquals(still.data, frozen.data);
    release(module);
  }
  x.dispose();
});

Deno.test("ShiftedWindowAttention: what cannot be is refused", () => {
  const make = (...args: unknown[]) => () =>
    new ShiftedWindowAttention(...args as ConstructorParameters<typeof ShiftedWindowAttention>);
  assertThrows(
    make(8, [7], [3, 3], 2),
    RangeError,
    "Cannot make ShiftedWindowAttention: expected windowSize to be two whole numbers ≥ 1, found [7]",
  );
  assertThrows(
    make(8, [7, 7], [3, -3], 2),
    RangeError,
    "Cannot make ShiftedWindowAttention: expected shiftSize to be two whole numbers ≥ 0, found [3,-3]",
  );
  assertThrows(
    make(8, [7, 7], [3, 3], 3),
    RangeError,
    "Cannot make ShiftedWindowAttention: expected dim divisible by numHeads 3, found 8",
  );
  assertThrows(
    () => new ShiftedWindowAttentionV2(8, [7, 7], [3, 3], 2, { dropout: 2 }),
    RangeError,
    "Cannot make ShiftedWindowAttentionV2: expected dropout to be from 0 to 1, found 2",
  );
  assertThrows(
    make(8, [7, 7], [3, 3], 2, { attention_dropout: 0.1 }),
    TypeError,
    "Cannot make ShiftedWindowAttention: expected options { qkvBias, projBias, attentionDropout, dropout }, found " +
      '"attention_dropout"; write attentionDropout',
  );
  const module = new ShiftedWindowAttention(8, [7, 7], [3, 3], 2);
  const x = tf.zeros([1, 4, 4, 4]);
  assertThrows(
    () => module.forward(x),
    TypeError,
    "Cannot run ShiftedWindowAttention: expected input [N, H, W, 8], found [1, 4, 4, 4]",
  );
  x.dispose();
});

function ones(shape: number[]) {
  const data = new Float32Array(shape[0] * shape[1]).fill(0.1);
  return { shape, dtype: "float32" as const, dataSync: () => data, data: () => Promise.resolve(data) };
}
