import { opcode as op } from "../../lib/weights/opcodes.ts";
import type { Mutation } from "./mutation.ts";
import { insert, type PickleMutation, pickleMutations } from "./pickle.ts";
import { pickleBombs } from "./pickle_bombs.ts";
import { global, int, memo, plain, type Program, text, tuple } from "./pickle_program.ts";
import type { Random } from "./random.ts";
import { names, numbers } from "./values.ts";
import { ofPickle } from "./zip.ts";

/** Names that mean something to a module here or in torch. */
const members: readonly string[] = [
  ...[
    "forward",
    "loadStateDict",
    "stateDict",
    "stages",
    "toString",
    "train",
    "parameters",
    "namedState",
    "spec",
    "get",
  ],
  ...[
    "_modules",
    "_parameters",
    "_buffers",
    "_non_persistent_buffers_set",
    "_version",
    "training",
    "frozen",
    "classes",
  ],
  ...["weight", "bias", "0", "1", "transforms", "in_channels", "kernel_size", "normalized_shape", "then", "dispose"],
];

const classes: readonly (readonly [module: string, name: string])[] = [
  ["torch.nn.modules.conv", "Conv2d"],
  ["torch.nn.modules.linear", "Linear"],
  ["torch.nn.modules.container", "Sequential"],
  ["torch.nn.modules.container", "ModuleList"],
  ["torch.nn.modules.batchnorm", "BatchNorm2d"],
  ["torch.nn.modules.activation", "MultiheadAttention"],
  ["torch.nn.modules.activation", "GELU"],
  ["torch.nn.modules.normalization", "LayerNorm"],
  ["torch.nn.modules.pooling", "AdaptiveAvgPool2d"],
  ["torch.nn.modules.module", "Module"],
  ["torch.nn.modules.rnn", "LSTM"],
  ["torchvision.ops.misc", "SqueezeExcitation"],
  ["torchvision.models.resnet", "ResNet"],
  ["torchvision.models.resnet", "Bottleneck"],
  ["torchvision.models.swin_transformer", "SwinTransformer"],
  ["torchvision.models.swin_transformer", "ShiftedWindowAttentionV2"],
  ["torchvision.models.vision_transformer", "VisionTransformer"],
  ["torchvision.models.maxvit", "PartitionAttentionLayer"],
  ["torchvision.models.maxvit", "RelativePositionalMultiHeadAttention"],
  ["torchvision.models.squeezenet", "SqueezeNet"],
  ["torchvision.models.densenet", "DenseNet"],
  ["torchvision.models.inception", "Inception3"],
];

const anyShape = ["torchvision.models.convnext", "CNBlock"] as const;

const networkEdits: readonly PickleMutation[] = [
  {
    name: "network: attributes",
    edit(program, random) {
      for (let i = random.count(4); i > 0; i--) {
        const at = 1 + random.pick(indices(program, isText));
        const next = program[at].code;
        // Behind the name, and its place in the memo, comes the value; in front of one that is not simple another makes it a name.
        const place = next === op.BINPUT || next === op.LONG_BINPUT ? at + 1 : at;
        const value = anyValue(random);
        if (isSimple(program[place].code)) program.splice(place, 1, ...value);
        else insert(program, place, value);
      }
      return program;
    },
  },
  {
    name: "network: names of attributes and parts",
    edit(program, random) {
      for (let i = random.count(4); i > 0; i--) {
        program[random.pick(indices(program, isText))] = text(random.pick(random.once(3) ? names : members));
      }
      return program;
    },
  },
  {
    name: "network: attributes added",
    edit(program, random) {
      for (let i = random.count(4); i > 0; i--) {
        const end = random.pick(indices(program, (code) => code === op.SETITEMS));
        insert(program, end, [text(random.pick(random.once(3) ? names : members)), ...anyValue(random)]);
      }
      return program;
    },
  },
  {
    name: "network: classes",
    edit(program, random) {
      for (let i = random.count(4); i > 0; i--) {
        program[random.pick(indices(program, (code) => code === op.GLOBAL))] = global(...random.pick(classes));
      }
      return program;
    },
  },
  {
    name: "network: parts in other places",
    edit(program, random) {
      const places = indices(program, (code) => code === op.NEWOBJ || code === op.EMPTY_DICT || code === op.REDUCE);
      for (let i = random.count(3); i > 0; i--) {
        insert(program, 1 + random.pick(places), [memo(op.LONG_BINPUT, 7000 + i)]);
      }
      for (let i = random.count(3); i > 0; i--) {
        const end = random.pick(indices(program, (code) => code === op.SETITEMS));
        insert(program, end, [text(random.pick(members)), memo(op.LONG_BINGET, 7000 + random.count(3))]);
      }
      return program;
    },
  },
  {
    name: "network: tensors that repeat their storage",
    edit(program, random) {
      // Behind a storage, an offset, sizes and strides, which the call takes in place of those that follow.
      if (random.once(2)) {
        // Layers know their parameters' shapes; a class that takes any is where memory could be taken.
        for (const at of indices(program, (code) => code === op.GLOBAL)) {
          const name = new TextDecoder().decode(program[at].argument);
          if (/^torch\.nn\.modules\.(conv|linear|batchnorm|normalization)/.test(name)) {
            program[at] = global(...anyShape);
          }
        }
      }
      const sizes = random.pick([[2 ** 24], [2 ** 12, 2 ** 12], [2, 3], [1000, 1000, 4], [2 ** 20]]);
      for (const at of indices(program, (code) => code === op.BINPERSID).reverse()) {
        if (random.once(2)) insert(program, at + 1, [int(0), ...tuple(sizes), ...tuple(sizes.map(() => 0))]);
      }
      return program;
    },
  },
];

/** What is done to networks that were saved whole, besides what is done to every pickle. */
export const networkMutations: readonly Mutation[] = [
  ...networkEdits.map((mutation) => ofPickle(mutation)),
  ...pickleMutations.map((mutation) => ofPickle(mutation)),
  ...pickleBombs.map((mutation) => ofPickle(mutation, true)),
];

function anyValue(random: Random): Program {
  return random.pick<() => Program>([
    () => [int(random.pick(numbers))],
    () => [int(random.below(9) - 2)],
    () => tuple([random.below(9) - 2, random.pick(numbers)]),
    () => tuple(Array.from({ length: random.count(100) }, () => random.below(5))),
    () => [text(random.pick(names))],
    () => [{ code: op.BINFLOAT, argument: random.bytes(8) }],
    () => plain(random.pick([op.NONE, op.NEWTRUE, op.NEWFALSE, op.EMPTY_LIST, op.EMPTY_DICT, op.EMPTY_SET])),
    () => [...plain(op.EMPTY_DICT), text(random.pick(members)), ...plain(op.NONE, op.SETITEM)],
    () => [global(...random.pick(classes)), ...plain(op.EMPTY_TUPLE, op.NEWOBJ)],
  ])();
}

function isText(code: number): boolean {
  return code === op.BINUNICODE || code === op.SHORT_BINUNICODE;
}

const simple: readonly number[] = [
  ...[op.NONE, op.NEWTRUE, op.NEWFALSE, op.BININT1, op.BININT2, op.BININT, op.BINFLOAT, op.EMPTY_TUPLE],
];

function isSimple(code: number): boolean {
  return simple.includes(code);
}

function indices(program: Program, matches: (code: number) => boolean): number[] {
  const found = program.flatMap(({ code }, i) => matches(code) ? [i] : []);
  return found.length ? found : [program.length - 2];
}
