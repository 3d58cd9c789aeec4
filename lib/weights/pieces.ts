/** Takes a piece of something longer, and where in it the piece begins. */
export type TakePiece = (bytes: Uint8Array, at: number) => void;

/**
 * Goes through `length` bytes in order with memory for a part of them: each piece is filled by `read`, then used.
 *
 * @param piece the memory, as long as the pieces; only the last may be shorter
 */
export function inPieces(length: number, piece: Uint8Array, read: TakePiece, use: TakePiece): void {
  for (let at = 0; at < length; at += piece.length) {
    const bytes = piece.subarray(0, Math.min(piece.length, length - at));
    read(bytes, at);
    use(bytes, at);
  }
}
