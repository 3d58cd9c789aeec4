import { assertAlmostEquals, assertEquals } from "@std/assert";
import { rowProducts, spectrum } from "../../../lib/study/transfer/spectrum.ts";
import { uniform } from "../../golden/values.ts";

const pause = () => Promise.resolve();

Deno.test("products of all pairs of rows", async () => {
  for (const rows of [1, 3, 4, 9]) {
    const values = uniform(`rows ${rows}`, rows * 5);
    const found = await rowProducts(values, rows, pause);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j <= i; j++) {
        let expected = 0;
        for (let k = 0; k < 5; k++) expected += values[i * 5 + k] * values[j * 5 + k];
        assertAlmostEquals(found[i * rows + j], expected, 1e-14);
      }
    }
  }
});

Deno.test("spectrum: moments of the matrix and of the vectors in it are those of eigenvalues and components", async () => {
  for (const size of [1, 2, 7, 40]) {
    const u = uniform(`matrix ${size}`, size * size);
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) matrix[i * size + j] = u[Math.max(i, j) * size + Math.min(i, j)] - 0.4;
    }
    const vectors = ["a", "b"].map((name) => uniform(`vector ${name}`, size));
    const { values, components } = await spectrum(matrix.slice(), size, vectors.map((vector) => vector.slice()), pause);
    // aᵀ Mᵖ b = Σ λᵖ a_i b_i: for p up to 5, a matrix with other eigenvalues or vectors has others
    let powered = vectors[1];
    for (let p = 0; p <= 5; p++) {
      const expected = powered.reduce((sum, x, i) => sum + x * vectors[0][i], 0);
      const found = values.reduce((sum, value, i) => sum + value ** p * components[0][i] * components[1][i], 0);
      const large = Math.max(...values.map(Math.abs)) ** p * size;
      assertAlmostEquals(found, expected, 1e-12 * Math.max(1, large));
      powered = Float64Array.from(
        { length: size },
        (_, i) => powered.reduce((sum, x, j) => sum + matrix[i * size + j] * x, 0),
      );
    }
    const trace = matrix.reduce((sum, x, k) => k % (size + 1) === 0 ? sum + x : sum, 0);
    assertAlmostEquals(values.reduce((a, b) => a + b, 0), trace, 1e-11);
    const squares = matrix.reduce((sum, x) => sum + x * x, 0);
    assertAlmostEquals(values.reduce((sum, x) => sum + x * x, 0), squares, 1e-11 * Math.max(1, squares));
  }
});

Deno.test("spectrum of matrices that fall apart: diagonal, equal, none", async () => {
  const diagonal = await spectrum(Float64Array.of(3, 0, 0, 0, 1, 0, 0, 0, 2), 3, [Float64Array.of(1, 2, 3)], pause);
  const pairs = [...diagonal.values].map((value, i) => [value, Math.abs(diagonal.components[0][i])]);
  assertEquals(pairs.sort(([a], [b]) => a - b), [[1, 2], [2, 3], [3, 1]]);
  const ones = await spectrum(new Float64Array(16).fill(1), 4, [], pause);
  assertAlmostEquals(Math.max(...ones.values), 4, 1e-12);
  assertAlmostEquals(Math.min(...ones.values), 0, 1e-12);
  assertEquals([...(await spectrum(new Float64Array(4), 2, [], pause)).values], [0, 0]);
});
