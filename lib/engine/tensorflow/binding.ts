import {
  type Attribute,
  setAttribute,
  TF_ATTR_BOOL,
  TF_ATTR_FLOAT,
  TF_ATTR_FUNC,
  TF_ATTR_INT,
  TF_ATTR_SHAPE,
  TF_ATTR_STRING,
  TF_ATTR_TYPE,
} from "./attributes.ts";
import { Autocast } from "./autocast.ts";
import { cString, fromCString } from "./c_string.ts";
import type { CApi } from "./capi.ts";
import { Constants } from "./constants.ts";
import { type Context, startContext } from "./context.ts";
import {
  elementType,
  TF_BOOL,
  TF_COMPLEX64,
  TF_FLOAT,
  TF_INT32,
  TF_INT64,
  TF_RESOURCE,
  TF_STRING,
  TF_UINT8,
  type TypedValues,
} from "./dtypes.ts";
import { Handles } from "./handles.ts";
import {
  describe,
  fillHostTensor,
  hostBytes,
  type HostValues,
  readHostTensor,
  writeHostTensor,
} from "./host_tensor.ts";
import { hasKernelFor, type RegisteredKernel, registeredKernels } from "./kernel_registry.ts";
import { SavedModels } from "./saved_model.ts";
import { Status } from "./status.ts";
import { Traffic } from "./traffic.ts";

/** What happens to inputs that are on the wrong device (TFE_ContextDevicePlacementPolicy in eager/c_api.h). */
const EXPLICIT_COPIES = 0;
const SILENT_COPIES = 2;

/** What is known of a tensor that TensorFlow holds: our number for it, its shape and its element type (TF_DataType). */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/**
 * What tfjs-node's backend asks of its native addon (the TFJSBinding of `@tensorflow/tfjs-node`), over TensorFlow's C API
 * instead: eager ops on tensors that it knows by number.
 *
 * Beyond the addon it takes lists for every kind of attribute, names of functions, and every element type of dtypes.ts.
 */
export class Binding {
  readonly TF_FLOAT = TF_FLOAT;
  readonly TF_INT32 = TF_INT32;
  readonly TF_INT64 = TF_INT64;
  readonly TF_BOOL = TF_BOOL;
  readonly TF_COMPLEX64 = TF_COMPLEX64;
  readonly TF_STRING = TF_STRING;
  readonly TF_RESOURCE = TF_RESOURCE;
  readonly TF_UINT8 = TF_UINT8;
  readonly TF_ATTR_STRING = TF_ATTR_STRING;
  readonly TF_ATTR_INT = TF_ATTR_INT;
  readonly TF_ATTR_FLOAT = TF_ATTR_FLOAT;
  readonly TF_ATTR_BOOL = TF_ATTR_BOOL;
  readonly TF_ATTR_TYPE = TF_ATTR_TYPE;
  readonly TF_ATTR_SHAPE = TF_ATTR_SHAPE;
  readonly TF_ATTR_FUNC = TF_ATTR_FUNC;
  /** The version of TensorFlow. */
  readonly TF_Version: string;
  /** What has crossed between JavaScript and the device. */
  readonly traffic: Traffic = new Traffic();
  /** Whether the device multiplies bfloat16 by itself; else products are computed in float32 and rounded. */
  multipliesBfloat16: boolean;

  readonly #api: CApi;
  readonly #status: Status;
  readonly #context: Context;
  /** Where ops are told to run; unless told, TensorFlow chooses well among the CPU and the first GPU. */
  readonly #wanted?: Uint8Array<ArrayBuffer>;
  readonly #handles: Handles;
  readonly #constants: Constants;
  readonly #models: SavedModels;
  readonly #kernels = new Map<string, RegisteredKernel[]>();
  #autocast?: Autocast;
  #outputs = new BigUint64Array(16);
  readonly #outputCount = new Int32Array(1);

  /**
   * @param config a ConfigProto, encoded; see `sessionConfig`
   * @param device what is to compute, such as `GPU:1`; the first GPU, or else the CPU, unless given
   * @throws Error when TensorFlow does not start
   */
  constructor(api: CApi, config: Uint8Array<ArrayBuffer>, device?: string) {
    this.#api = api;
    this.#status = new Status(api);
    this.#context = startContext(api, this.#status, config, device);
    if (device) this.#wanted = cString(this.#context.device);
    this.multipliesBfloat16 = this.#context.isGpu;
    this.#handles = new Handles(api);
    this.#constants = new Constants(api);
    this.#models = new SavedModels(api, this.#status, config);
    this.TF_Version = fromCString(api.TF_Version());
  }

  /** The device that computes, by TensorFlow's short name: `CPU:0` or `GPU:0`. */
  get device(): string {
    return this.#context.device.replace(/.*device:/, "");
  }

  isUsingGpuDevice(): boolean {
    return this.#context.isGpu;
  }

  /**
   * Whether the device that computes has a kernel of its own for an op. Where a GPU has none TensorFlow runs the op on the
   * CPU, and copies its inputs there and its outputs back, without a word: trying an op out does not tell.
   *
   * @param dtype the element type that it is to work on (TF_DataType); any unless given
   */
  hasKernel(op: string, dtype?: number): boolean {
    let kernels = this.#kernels.get(op);
    if (!kernels) this.#kernels.set(op, kernels = registeredKernels(this.#api, this.#status, op));
    return hasKernelFor(kernels, this.isUsingGpuDevice() ? "GPU" : "CPU", dtype);
  }

  /** Whether ops compute in bfloat16; see autocast.ts. */
  get autocast(): boolean {
    return this.#autocast?.on ?? false;
  }

  set autocast(on: boolean) {
    if (on === this.autocast) return;
    this.#handles.settle(); // what was called before is computed as it was meant then
    this.#autocast ??= this.#newAutocast();
    this.#autocast.on = on;
  }

  /** The element type of a tensor (TF_DataType). */
  dtype(id: number): number {
    return this.#api.TFE_TensorHandleDataType(this.#handles.get(id, "look at"));
  }

  /** How many tensors TensorFlow holds for us. */
  getNumOfTensors(): number {
    return this.#handles.size;
  }

  /**
   * Copies values into a tensor of TensorFlow's. Single float32 numbers are copied once and shared from then on.
   *
   * @returns its number
   * @throws TypeError when the values do not fit the element type, RangeError when they do not fit the shape
   */
  createTensor(shape: number[], dtype: number, values: HostValues): number {
    const key = Constants.key(shape, dtype, values);
    const known = key === undefined ? undefined : this.#constants.find(key);
    if (known !== undefined) return this.#handles.keep(this.#shared(known, "a number"));
    const id = this.#take(writeHostTensor(this.#api, shape, dtype, values), shape, dtype);
    if (key !== undefined) this.#constants.keep(key, this.#shared(this.#handles.get(id, "keep"), "a number"));
    return id;
  }

  /** The same in main memory, where some ops want the numbers that say what to do, such as what to pad with. */
  createHostTensor(shape: number[], dtype: number, values: HostValues): number {
    const tensor = writeHostTensor(this.#api, shape, dtype, values);
    const handle = this.#api.TFE_NewTensorHandle(tensor, this.#status.pointer);
    this.#api.TF_DeleteTensor(tensor);
    this.#status.check(`Cannot make ${describe(shape, dtype)}`);
    return this.#handles.keep(handle);
  }

  /**
   * A tensor of numbers whose bytes `fill` writes where they are to stay: a file's need no second place on their way.
   *
   * @param fill is called once, with memory that is no longer valid when it has returned
   * @returns its number
   */
  fillTensor(shape: number[], dtype: number, fill: (memory: Uint8Array) => void): number {
    return this.#take(fillHostTensor(this.#api, shape, dtype, fill), shape, dtype);
  }

  /** A second number for the same memory. An op that changes a variable in place copies it while another holds it. */
  share(id: number): number {
    return this.#handles.keep(this.#shared(this.#handles.get(id, "share"), `tensor ${id}`));
  }

  /**
   * Moves whole numbers to the device that computes, for ops that want them there: labels, the numbers of rows to gather.
   * Others are there already; {@linkcode createTensor} leaves whole numbers in main memory, where ops want shapes and axes.
   */
  moveToDevice(id: number): void {
    const handle = this.#handles.get(id, "move");
    const { shape, dtype } = this.#inspect(handle);
    if (dtype !== TF_INT32) return;
    this.traffic.upload(bytesOf(shape, dtype));
    if (this.#context.isApart) this.#handles.replace(id, this.#copyToDevice(handle, shape, dtype));
  }

  /**
   * A tensor that is computed when something first asks for it.
   *
   * @param compute gives the number of the result, which is then this tensor's
   * @param forget called once, when it has been computed or is freed without
   */
  defer(compute: () => number, forget: () => void): number {
    return this.#handles.defer(compute, forget);
  }

  /** @throws Error when there is no such tensor */
  deleteTensor(id: number): void {
    this.#autocast?.forget(id);
    this.#handles.delete(id);
  }

  /** A copy of a tensor's values. @throws Error when there is no such tensor */
  tensorDataSync(id: number): TypedValues | Uint8Array[] {
    const handle = this.#handles.get(id, "read");
    const { shape, dtype } = this.#inspect(handle);
    const tensor = this.#api.TFE_TensorHandleResolve(handle, this.#status.pointer);
    this.#status.check(`Cannot read ${describe(shape, dtype)}`);
    this.traffic.read(bytesOf(shape, dtype));
    try {
      return readHostTensor(this.#api, tensor, shape, dtype);
    } finally {
      this.#api.TF_DeleteTensor(tensor);
    }
  }

  /**
   * A tensor's bytes, where TensorFlow has them in main memory; of one on the GPU a copy. Not to be changed: to be given back
   * when they have been read. Until then an op that would change the tensor in place copies it.
   *
   * @throws Error when there is no such tensor
   */
  lendTensor(id: number): { bytes: Uint8Array; giveBack(): void } {
    const handle = this.#handles.get(id, "read");
    const tensor = this.#api.TFE_TensorHandleResolve(handle, this.#status.pointer);
    if (!this.#status.ok) {
      const { shape, dtype } = this.#inspect(handle);
      this.#status.check(`Cannot read ${describe(shape, dtype)}`);
    }
    const bytes = hostBytes(this.#api, tensor);
    this.traffic.read(bytes.length);
    return { bytes, giveBack: () => this.#api.TF_DeleteTensor(tensor) };
  }

  /**
   * Runs one op.
   *
   * @param inputs numbers of tensors
   * @param outputCount how many outputs the op has
   * @throws Error that names the op, its inputs' shapes and types and TensorFlow's reason
   */
  executeOp(name: string, attributes: readonly Attribute[], inputs: number[], outputCount: number): TensorMetadata[] {
    if (this.#autocast) return this.#autocast.run(name, attributes, inputs, outputCount);
    return this.#execute(name, attributes, inputs, outputCount);
  }

  /**
   * From now on an op whose input is not where it wants it fails and says so, instead of having it copied without a word: to
   * find out whether anything crosses that nobody asked for.
   */
  refuseSilentCopies(refuse: boolean): void {
    const policy = refuse ? EXPLICIT_COPIES : SILENT_COPIES;
    this.#api.TFE_ContextSetThreadLocalDevicePlacementPolicy(this.#context.pointer, policy);
  }

  /** Adds a function that ops can name: an encoded FunctionDef (function.proto). */
  addFunction(definition: Uint8Array<ArrayBuffer>): void {
    const { pointer } = this.#context;
    this.#api.TFE_ContextAddFunctionDef(pointer, definition, BigInt(definition.length), this.#status.pointer);
    this.#status.check("Cannot add a function");
  }

  /**
   * Loads a SavedModel, variables and all.
   *
   * @param tags the tags of one of its graphs, separated by commas
   * @returns its number
   */
  loadSavedModel(folder: string, tags: string): number {
    return this.#models.load(folder, tags);
  }

  /** @throws Error when there is no such model */
  deleteSavedModel(id: number): void {
    this.#models.delete(id);
  }

  getNumOfSavedModels(): number {
    return this.#models.size;
  }

  /**
   * Computes outputs of a SavedModel.
   *
   * @param inputs numbers of tensors
   * @param inputNames where they go in the graph: `serving_default_x:0`, separated by commas
   * @param outputNames what is asked for, likewise
   */
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorMetadata[] {
    const handles = inputs.map((input) => this.#handles.get(input, `run model ${id} on`));
    return this.#models.run(id, handles, inputNames, outputNames).map((handle) => this.#adopt(handle));
  }

  #execute(name: string, attributes: readonly Attribute[], inputs: number[], outputCount: number): TensorMetadata[] {
    const api = this.#api, status = this.#status;
    const op = api.TFE_NewOp(this.#context.pointer, cString(name), status.pointer);
    if (!status.ok) throw this.#refused(name, inputs);
    try {
      if (this.#wanted) api.TFE_OpSetDevice(op, this.#wanted, status.pointer);
      for (const id of inputs) api.TFE_OpAddInput(op, this.#handles.get(id, `run ${name} on`), status.pointer);
      const target = { api, context: this.#context.pointer, status, name, op };
      for (const attribute of attributes) setAttribute(target, attribute);
      if (!status.ok) throw this.#refused(name, inputs);
      if (outputCount > this.#outputs.length) this.#outputs = new BigUint64Array(outputCount);
      this.#outputCount[0] = outputCount;
      api.TFE_Execute(op, this.#outputs, this.#outputCount, status.pointer);
      if (!status.ok) throw this.#refused(name, inputs);
      const results = new Array<TensorMetadata>(this.#outputCount[0]);
      for (let i = 0; i < results.length; i++) {
        results[i] = this.#adopt(Deno.UnsafePointer.create(this.#outputs[i]));
      }
      return results;
    } finally {
      api.TFE_DeleteOp(op);
    }
  }

  #newAutocast(): Autocast {
    const tensors = {
      dtype: this.dtype.bind(this),
      shape: (id: number) => this.#inspect(this.#handles.get(id, "look at")).shape,
      run: this.#execute.bind(this),
      free: this.deleteTensor.bind(this),
    };
    return new Autocast(tensors, this.multipliesBfloat16);
  }

  #take(tensor: Deno.PointerValue, shape: number[], dtype: number): number {
    const handle = this.#api.TFE_NewTensorHandle(tensor, this.#status.pointer);
    if (dtype === TF_STRING && this.#status.ok) return this.#ownStrings(handle, tensor);
    this.#api.TF_DeleteTensor(tensor);
    this.#status.check(`Cannot make ${describe(shape, dtype)}`);
    return this.#handles.keep(this.#onDevice(handle, shape, dtype));
  }

  #adopt(handle: Deno.PointerValue): TensorMetadata {
    return { id: this.#handles.keep(handle), ...this.#inspect(handle) };
  }

  #inspect(handle: Deno.PointerValue): { shape: number[]; dtype: number } {
    const { pointer } = this.#status;
    const rank = this.#api.TFE_TensorHandleNumDims(handle, pointer);
    const shape = new Array<number>(rank);
    for (let i = 0; i < rank; i++) shape[i] = Number(this.#api.TFE_TensorHandleDim(handle, i, pointer));
    return { shape, dtype: this.#api.TFE_TensorHandleDataType(handle) };
  }

  #refused(op: string, inputs: number[]): Error {
    const { message } = this.#status;
    const found = inputs.map((id) => {
      const { shape, dtype } = this.#inspect(this.#handles.get(id, `run ${op} on`));
      return describe(shape, dtype);
    });
    return new Error(`Cannot run ${op}${found.length ? ` on ${found.join(", ")}` : ""}: ${message}`);
  }

  /** Moves a tensor to the GPU where there is one; whole numbers stay, for most GPU kernels want them on the host. */
  #onDevice(handle: Deno.PointerValue, shape: number[], dtype: number): Deno.PointerValue {
    if (dtype === TF_INT32) return handle;
    this.traffic.upload(bytesOf(shape, dtype));
    if (!this.#context.isApart) return handle;
    try {
      return this.#copyToDevice(handle, shape, dtype);
    } finally {
      this.#api.TFE_DeleteTensorHandle(handle);
    }
  }

  #copyToDevice(handle: Deno.PointerValue, shape: number[], dtype: number): Deno.PointerValue {
    const { pointer, device } = this.#context;
    const copy = this.#api.TFE_TensorHandleCopyToDevice(handle, pointer, cString(device), this.#status.pointer);
    this.#status.check(`Cannot move ${describe(shape, dtype)} to ${this.device}`);
    return copy;
  }

  #shared(handle: Deno.PointerValue, what: string): Deno.PointerValue {
    const shared = this.#api.TFE_TensorHandleCopySharingTensor(handle, this.#status.pointer);
    this.#status.check(`Cannot share ${what}`);
    return shared;
  }

  /**
   * TensorFlow frees the strings of a tensor that was made out here only if we let go of it last; and ops share memory,
   * so who is last cannot be told later. Hence an op makes a copy that is TensorFlow's own, and ours is let go of at once.
   */
  #ownStrings(handle: Deno.PointerValue, tensor: Deno.PointerValue): number {
    const id = this.#handles.keep(handle);
    try {
      return this.executeOp("StringJoin", [{ name: "N", type: TF_ATTR_INT, value: 1 }], [id], 1)[0].id;
    } finally {
      this.deleteTensor(id);
      this.#api.TF_DeleteTensor(tensor);
    }
  }
}

function bytesOf(shape: readonly number[], dtype: number): number {
  return shape.reduce((product, size) => product * size, elementType(dtype).bytes);
}
