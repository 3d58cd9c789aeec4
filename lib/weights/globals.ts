import {
  describe,
  type ElementType,
  Global,
  isTuple,
  keyText,
  ParameterView,
  PythonObject,
  StorageHandle,
  TensorView,
} from "./python.ts";
import { quoted } from "./quoted.ts";

/**
 * Every name of Python's that a checkpoint may use, and what stands in for it here. Nothing is imported or run; a name
 * that is not in this file is refused. The table follows torch's own for `torch.load(weights_only=True)`.
 */
const table = new Map<string, Global>();

function allow(name: string, call?: (args: readonly unknown[]) => unknown, type?: ElementType): void {
  table.set(name, new Global(name, call, type));
}

// Element types: [torch.<dtype>, torch.<Storage>, bytes]. Those below the line are read over, never into tensors.
const elementTypes: readonly [string, string | null, number][] = [
  ["float64", "DoubleStorage", 8],
  ["float32", "FloatStorage", 4],
  ["float16", "HalfStorage", 2],
  ["bfloat16", "BFloat16Storage", 2],
  ["int64", "LongStorage", 8],
  ["int32", "IntStorage", 4],
  ["int16", "ShortStorage", 2],
  ["int8", "CharStorage", 1],
  ["uint8", "ByteStorage", 1],
  ["bool", "BoolStorage", 1],
  // ---
  ["complex32", null, 4],
  ["complex64", "ComplexFloatStorage", 8],
  ["complex128", "ComplexDoubleStorage", 16],
  ["qint8", "QInt8Storage", 1],
  ["quint8", "QUInt8Storage", 1],
  ["qint32", "QInt32Storage", 4],
  ["quint4x2", "QUInt4x2Storage", 1],
  ["quint2x4", "QUInt2x4Storage", 1],
  ["uint16", null, 2],
  ["uint32", null, 4],
  ["uint64", null, 8],
  ["float8_e4m3fn", null, 1],
  ["float8_e4m3fnuz", null, 1],
  ["float8_e5m2", null, 1],
  ["float8_e5m2fnuz", null, 1],
  ["float8_e8m0fnu", null, 1],
];

for (const [dtype, storage, bytes] of elementTypes) {
  allow(`torch.${dtype}`, undefined, { dtype, bytes });
  if (!storage) continue;
  allow(`torch.${storage}`, undefined, { dtype, bytes });
  allow(`torch.cuda.${storage}`, undefined, { dtype, bytes });
}
allow("torch.storage.UntypedStorage", undefined, { dtype: "uint8", bytes: 1 });

// Containers of Python's.
allow("collections.OrderedDict", ([items]) => pairs("collections.OrderedDict", items));
allow("collections.Counter", ([items]) => pairs("collections.Counter", items));
allow("builtins.set", ([items]) => new Set(list("builtins.set", items)));
allow("builtins.bytearray", ([text]) => bytes("builtins.bytearray", text));
allow("_codecs.encode", ([text]) => bytes("_codecs.encode", text));
allow("builtins.complex", ([real, imaginary]) => {
  if (typeof real !== "number" || typeof imaginary !== "number") return wrong("builtins.complex", real);
  return { real, imaginary };
});

// Tensors.
allow("torch.Size", ([sizes]) => Object.freeze([...list("torch.Size", sizes)]));
allow("torch.device", (args) => {
  const plain = args.length <= 2 && args.every((part) => ["string", "number"].includes(typeof part));
  return plain ? args.map(keyText).join(":") : wrong("torch.device", args);
});
allow("torch.Tensor");

allow("torch._utils._rebuild_tensor", (args) => view("torch._utils._rebuild_tensor", args));
allow("torch._utils._rebuild_tensor_v2", (args) => {
  refuseNegated(args[6]);
  return view("torch._utils._rebuild_tensor_v2", args);
});
allow("torch._utils._rebuild_tensor_v3", (args) => {
  refuseNegated(args[7]);
  const type = args[6] instanceof Global ? args[6].type : undefined;
  return view("torch._utils._rebuild_tensor_v3", args, type ?? wrong("torch._utils._rebuild_tensor_v3", args[6]));
});

for (const name of ["_utils._rebuild_parameter", "_utils._rebuild_parameter_with_state", "nn.parameter.Parameter"]) {
  allow(
    `torch.${name}`,
    ([tensor, requiresGrad]) =>
      tensor instanceof TensorView ? new ParameterView(tensor, requiresGrad !== false) : wrong(`torch.${name}`, tensor),
  );
}
allow("torch._tensor._rebuild_from_type_v2", ([rebuild, _class, args]) => {
  const known = rebuild instanceof Global && rebuild.name.startsWith("torch._utils._rebuild_");
  return known && isTuple(args) ? rebuild.call!(args) : wrong("torch._tensor._rebuild_from_type_v2", rebuild);
});

// numpy's single numbers: a best accuracy or a loss that was kept beside the weights.
for (const core of ["numpy.core", "numpy._core"]) allow(`${core}.multiarray.scalar`, numpyScalar);
allow("numpy.dtype", ([code]) => new Map([["code", code]]));

// What networks that were saved whole have among their attributes; it is not called.
allow("functools.partial", () => new PythonObject("functools.partial"));

// Python 2 had other names for these.
for (const name of ["set", "bytearray", "complex"]) table.set(`__builtin__.${name}`, table.get(`builtins.${name}`)!);

/** What would be tensors if thaw had their kind; the advice says what to do in Python. */
const otherTensors: Readonly<Record<string, string>> = {
  "torch._utils._rebuild_sparse_tensor": "a sparse tensor; save it as tensor.to_dense()",
  "torch._utils._rebuild_qtensor": "a quantized tensor; save it as tensor.dequantize()",
  "torch._utils._rebuild_nested_tensor": "a nested tensor; save it as tensor.to_padded_tensor(0)",
  "torch._utils._rebuild_meta_tensor_no_storage": "a tensor without values (device meta); save the real one",
  "torch._utils._rebuild_wrapper_subclass": "a tensor of a class of its own; save the plain tensor within",
  "torch._utils._rebuild_device_tensor_from_numpy": "a tensor of another device; save it as tensor.cpu()",
  "torch._utils._rebuild_device_tensor_from_cpu_tensor": "a tensor of another device; save it as tensor.cpu()",
};

/** Modules and functions that run code, read files or talk to the network; some pickles use them to do harm. */
const dangerous = new RegExp(
  "^(os|posix|nt|sys|subprocess|shutil|socket|runpy|importlib|pty|ctypes|webbrowser|code|pdb|timeit|marshal|pickle|" +
    "_pickle|cloudpickle|dill|asyncio|multiprocessing|torch\\.jit|torch\\.hub|torch\\.load|" +
    "(builtins|__builtin__)\\.(eval|exec|execfile|compile|open|getattr|setattr|delattr|__import__|input|breakpoint|" +
    "globals|locals|vars|apply))(\\.|$)",
);

/** The classes of networks, whose objects are data here: what becomes of them is up to lib/files. */
const networks = /^(torch\.nn\.(modules|parallel|functional)|torchvision\.(models|ops)|timm|thaw\.models|__main__)\./;
const ownClasses = new Set<string>();

/** The names in the table, each with what stands in for it. */
export function allowedGlobals(): ReadonlyMap<string, Global> {
  return table;
}

/** Lets objects of a Python class be in files, as data. */
export function allowClass(name: string): void {
  ownClasses.add(name);
}

/**
 * The stand-in for a name of Python's.
 *
 * @throws {TypeError} for every name that is not in the table, saying what to do
 */
export function globalNamed(module: string, name: string): Global {
  const full = `${module}.${name}`;
  const found = table.get(full);
  if (found) return found;
  if (Object.hasOwn(otherTensors, full)) {
    throw new TypeError(`it holds ${otherTensors[full]} (${full})`);
  }
  if (dangerous.test(full)) {
    throw new TypeError(
      `its pickle asks Python to run ${quoted(full)}, which no state dict needs and thaw never does: ` +
        "the file may be an attack; do not open it with Python's pickle either",
    );
  }
  if (networks.test(full) || ownClasses.has(full)) return new Global(full, undefined, undefined, true);
  throw new TypeError(
    `its pickle asks for the Python name ${
      quoted(full)
    }, which is not among those that state dicts use (thaw runs none): ` +
      'if you trust the file, save its tensors alone in Python: torch.save(model.state_dict(), "weights.pth"); where it is ' +
      `the class of a network, registerClass(${quoted(full)}, …) says what it is here`,
  );
}

function wrong(name: string, found: unknown): never {
  throw new TypeError(`${name} was given ${describe(found)}, which it does not take`);
}

function list(name: string, items: unknown): readonly unknown[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? items : wrong(name, items);
}

function pairs(name: string, items: unknown): Map<unknown, unknown> {
  if (items instanceof Map) return new Map(items);
  return new Map(
    list(name, items).map((pair) => {
      return Array.isArray(pair) && pair.length === 2 ? [pair[0], pair[1]] : wrong(name, pair);
    }),
  );
}

/** Protocol 2 has no bytes: Python writes them as text of the first 256 characters and `_codecs.encode`. */
function bytes(name: string, text: unknown): Uint8Array {
  if (text === undefined) return new Uint8Array();
  if (text instanceof Uint8Array) return text.slice();
  if (typeof text !== "string") return wrong(name, text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function view(name: string, args: readonly unknown[], type?: ElementType): TensorView {
  const [handle, offset, size, stride] = args;
  if (!(handle instanceof StorageHandle)) return wrong(name, handle);
  for (const numbers of [size, stride]) {
    const whole = Array.isArray(numbers) && numbers.every((n) => Number.isSafeInteger(n) && n >= 0);
    if (!whole || numbers.length > 64) wrong(name, numbers);
  }
  if (!Number.isSafeInteger(offset) || (offset as number) < 0) wrong(name, offset);
  const [sizes, strides] = [size as readonly number[], stride as readonly number[]];
  if (sizes.length !== strides.length) wrong(name, stride);
  return new TensorView(handle.storage, offset as number, sizes, strides, type ?? handle.storage.type);
}

function refuseNegated(metadata: unknown): void {
  if (metadata instanceof Map && (metadata.get("neg") || metadata.get("conj"))) {
    throw new TypeError("it holds a conjugated or negated view; save it as tensor.resolve_conj().resolve_neg()");
  }
}

function numpyScalar([dtype, data]: readonly unknown[]): unknown {
  const code = dtype instanceof Map ? dtype.get("code") : undefined;
  if (!(data instanceof Uint8Array)) return wrong("numpy.core.multiarray.scalar", data);
  const little = !(dtype instanceof Map && dtype.get("order") === ">");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (code === "f8" && data.length === 8) return view.getFloat64(0, little);
  if (code === "f4" && data.length === 4) return view.getFloat32(0, little);
  if (code === "i8" && data.length === 8) return Number(view.getBigInt64(0, little));
  if (code === "i4" && data.length === 4) return view.getInt32(0, little);
  if (code === "b1" && data.length === 1) return view.getUint8(0) !== 0;
  return wrong("numpy.core.multiarray.scalar", code);
}
