/**
 * What has crossed between JavaScript and the device that computes. On a card each crossing waits until everything that is
 * queued there has been computed, and until then nothing new can be queued; computing on the CPU it is a copy, and counted alike.
 */
export class Traffic {
  /** Tensors that were read. */
  reads = 0;
  readBytes = 0;
  /** Tensors that were made from values out here. Shapes and the like do not count: TensorFlow wants them in main memory. */
  uploads = 0;
  uploadBytes = 0;

  read(bytes: number): void {
    this.reads++;
    this.readBytes += bytes;
  }

  upload(bytes: number): void {
    this.uploads++;
    this.uploadBytes += bytes;
  }

  /** What has crossed until now, to compare with later. */
  get sums(): { reads: number; readBytes: number; uploads: number; uploadBytes: number } {
    const { reads, readBytes, uploads, uploadBytes } = this;
    return { reads, readBytes, uploads, uploadBytes };
  }
}
