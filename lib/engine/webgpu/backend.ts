import * as tf from "@tensorflow/tfjs";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { reading } from "../budget.ts";
import { freeForgotten } from "../memory.ts";
import { NotAtHandError } from "../not_at_hand.ts";
import { addMany } from "./add_many.ts";
import type { Adapter } from "./adapter.ts";
import { mend, type Program } from "./mend.ts";
import { makeReproducible } from "./reproducible.ts";
import { isFull, Troubles } from "./troubles.ts";

/** What tfjs's backend keeps for a tensor: values until an operation needs them, then the card's memory that has them. */
export interface WebgpuData {
  values: tf.backend_util.BackendValues | null;
  dtype: tf.DataType;
  shape: number[];
  refCount: number;
  resource?: GPUBuffer | null;
  complexTensorInfos?: unknown;
}

/** The card's memory that tfjs has asked for; what is free again waits for a tensor of the same size. */
interface Buffers {
  numBytesAllocated: number;
  numBytesUsed: number;
  numFreeBuffers: number;
  freeBuffers: Map<string, GPUBuffer[]>;
  releaseBuffer(buffer: GPUBuffer): void;
}

/** tfjs's backend, as far as it is used here. */
interface TfjsBackend extends tf.KernelBackend {
  readonly device: GPUDevice;
  readonly bufferManager: Buffers;
  readonly tensorMap: tf.DataStorage<WebgpuData>;
  commandEncoder: GPUCommandEncoder | null;
  endComputePassEncoder(): void;
  submitQueue(): void;
  getBufferData(buffer: GPUBuffer): Promise<ArrayBuffer>;
  uploadToGPU(dataId: object): void;
  runWebGPUProgram(program: Program, ...rest: unknown[]): tf.TensorInfo;
}

const Base = WebGPUBackend as unknown as new (device: GPUDevice, info: GPUAdapterInfo) => TfjsBackend;

/** Memory that was used once and is free may be as much as what is used at most, and this. */
const SPARE = 256 * 1024 * 1024;

/** tfjs's backend for WebGPU, with reads that may outlive their tensor, errors that are told, and memory that is given back. */
export class WebgpuBackend extends Base {
  readonly #troubles: Troubles;
  /** The data of all tensors that there are. */
  readonly #alive = new Set<WebgpuData>();
  #mostUsed = 0;

  constructor(device: GPUDevice, info: GPUAdapterInfo) {
    super(device, info);
    this.#troubles = new Troubles(device);
    // tfjs keeps what is disposed until the commands that use it are under way. There is no need: all that may take the memory
    // next are later commands of the same queue.
    Object.defineProperty(this, "commandQueueOwnedIds", { get: () => NONE, set() {} });
    this.#watchData();
  }

  /** Forgotten tensors are freed, and the data of the others is known. */
  #watchData(): void {
    const storage = this.tensorMap, alive = this.#alive;
    const remove = storage.delete.bind(storage), set = storage.set.bind(storage);
    storage.set = (dataId, data) => {
      alive.add(data);
      set(dataId, data);
    };
    storage.delete = (dataId) => {
      if (storage.has(dataId)) alive.delete(storage.get(dataId));
      return remove(dataId);
    };
    const free = (data: WebgpuData) => {
      alive.delete(data);
      if (data.resource) this.bufferManager.releaseBuffer(data.resource);
    };
    freeForgotten(storage, {
      describe: ({ shape, dtype, values }) => ({
        dtype,
        size: tf.util.sizeFromShape(shape),
        strings: values as Uint8Array[] | null,
      }),
      free,
      giveBackFreed: () => this.giveBackFreed(),
    });
  }

  /**
   * Reads a tensor as it is now, whatever becomes of it while the card is at work.
   *
   * @throws {Error} where the card could not compute it
   */
  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    const { values, resource, dtype, complexTensorInfos } = this.tensorMap.get(dataId);
    if (values || complexTensorInfos || !resource) return await super.read(dataId);
    const bytes = await this.#download(resource);
    await reading();
    return tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype);
  }

  /** Copies the card's memory, before anything is awaited, and waits until it is there. */
  async #download(resource: GPUBuffer): Promise<ArrayBuffer> {
    const copy = this.getBufferData(resource);
    const [trouble, result] = await Promise.all([
      this.#troubles.soFar(),
      copy.catch((error: Error) => error),
    ]);
    if (trouble && isFull(trouble)) this.giveBackFreed();
    const failed = result instanceof Error ? result : undefined;
    this.#troubles.tell(trouble, failed);
    return result as ArrayBuffer;
  }

  /** @throws {NotAtHandError} unless JavaScript has the values; Error where they are lost with the card */
  override readSync(dataId: object): tf.backend_util.BackendValues {
    const { values, dtype, complexTensorInfos } = this.tensorMap.get(dataId);
    if (values || dtype === "string") return values!;
    if (complexTensorInfos) return super.readSync(dataId);
    this.#troubles.tell(undefined);
    throw new NotAtHandError("webgpu");
  }

  /**
   * Gives a tensor its place in the card's memory, and moves its values there.
   *
   * @throws {RangeError} where it is larger than the card's driver allows
   */
  override uploadToGPU(dataId: object): void {
    const data = this.tensorMap.get(dataId);
    if (data.resource) return;
    this.#troubles.tell(undefined); // without a card all that follows is invalid, and nothing says why
    const { values, shape, dtype } = data;
    const tooLarge = this.#tooLarge(shape, dtype);
    if (tooLarge) {
      if (!values) this.tensorMap.delete(dataId); // a result that never came to be
      throw tooLarge;
    }
    super.uploadToGPU(dataId);
    // Labels and the like are looked at again, and take next to nothing.
    if (values && dtype === "int32" && shape.length === 1) data.values = values;
    this.#mostUsed = Math.max(this.#mostUsed, this.bufferManager.numBytesUsed);
    if (this.bufferManager.numBytesAllocated > 2 * this.#mostUsed + SPARE) this.giveBackFreed();
  }

  override runWebGPUProgram(program: Program, ...rest: unknown[]): tf.TensorInfo {
    mend(program);
    return super.runWebGPUProgram(program, ...rest);
  }

  #tooLarge(shape: number[], dtype: tf.DataType): RangeError | undefined {
    const bytes = tf.util.sizeFromShape(shape) * (dtype === "complex64" ? 8 : 4);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (bytes <= most) return undefined;
    return new RangeError(
      `Cannot compute [${shape.join(", ")}] on webgpu: expected tensors of at most ${
        mebibytes(most)
      } MiB, as its driver ` +
        `allows, found ${
          mebibytes(bytes)
        } MiB; lower the batch size or the size of the images, or take a network of smaller layers`,
    );
  }

  /** Gives the card's memory back that is free. */
  giveBackFreed(): void {
    if (this.commandEncoder) { // commands that use it have to be under way
      this.endComputePassEncoder();
      this.submitQueue();
    }
    const buffers = this.bufferManager;
    for (const free of buffers.freeBuffers.values()) {
      for (const buffer of free) {
        buffers.numBytesAllocated -= buffer.size;
        buffers.numFreeBuffers--;
        buffer.destroy();
      }
      free.length = 0;
    }
    this.#mostUsed = buffers.numBytesUsed;
  }

  /**
   * Reads all tensors that there are, so that another rung can take them over without waiting. With a card that is gone they
   * are lost; whoever uses one is told.
   */
  async bringHome(): Promise<void> {
    for (const data of this.#alive) {
      if (data.values || !data.resource) continue;
      if (this.#troubles.isLost) return;
      const bytes = await this.#download(data.resource);
      data.values = tf.util.convertBackendValuesAndArrayBuffer(bytes, data.dtype);
    }
  }
}

/** What tfjs asks which tensors wait for commands. */
const NONE = { has: () => false, add() {} };

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0);
}

/** Starts tfjs's backend `webgpu` on an adapter, with as much of everything as the adapter allows. */
export async function startBackend({ gpu }: Adapter): Promise<WebgpuBackend> {
  const { limits } = gpu;
  const device = await gpu.requestDevice({
    requiredFeatures: gpu.features.has("timestamp-query") ? ["timestamp-query"] : [], // tf.time and tf.profile ask the card
    requiredLimits: {
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxBufferSize: limits.maxBufferSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
  });
  makeReproducible();
  addMany();
  const backend = new WebgpuBackend(device, gpu.info);
  tf.removeBackend("webgpu"); // tfjs's own, which would look for an adapter again
  tf.registerBackend("webgpu", () => backend, 0);
  return backend;
}
